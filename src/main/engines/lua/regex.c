/*
 * The library "regex": QuickJS's regular expressions, on bytes, as Lua's strings are.
 *
 * A match that takes for ever is ended at the event's deadline, as any loop is; what it keeps in order
 * to go back is the module's memory, which has its limit.
 */
#include "regex.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "lauxlib.h"
#define BOOL int /* libregexp.h leaves it to its includer */
#include "libregexp.h"

/* What nesting in a pattern may use of the module's stack. */
#define STACK_SIZE (32 * 1024)

#define MOST_GROUPS 255 /* a byte holds their number */
#define MOST_COMPILED 64

static uintptr_t stack_limit;

int lre_check_stack_overflow(void *opaque, size_t size) {
  (void)opaque;
  return (uintptr_t)__builtin_frame_address(0) < stack_limit + size;
}

void *lre_realloc(void *opaque, void *block, size_t size) {
  (void)opaque;
  if (size == 0) {
    free(block);
    return NULL;
  }
  return engine_realloc(block, size);
}

struct search {
  const uint8_t *code, *text;
  size_t length;
  int groups; /* the whole match is the first */
  uint8_t *bounds[2 * MOST_GROUPS];
};

/* Flags as in (?i) at the pattern's beginning, which JavaScript's syntax does not have. */
static int leading_flags(const char **pattern) {
  const char *at = *pattern;
  int flags = 0;
  if (at[0] != '(' || at[1] != '?') return 0;
  for (at += 2; *at != ')'; at++) {
    switch (*at) {
      case 'i': flags |= LRE_FLAG_IGNORECASE; break;
      case 'm': flags |= LRE_FLAG_MULTILINE; break;
      case 's': flags |= LRE_FLAG_DOTALL; break;
      default: return 0; /* a group of some kind */
    }
  }
  *pattern = at + 1;
  return flags;
}

/* Leaves the compiled pattern on the stack. */
static void compile(lua_State *L, const char *pattern, const char *end) {
  int flags = leading_flags(&pattern), escaped = 0, in_class = 0, length;
  char message[128];
  luaL_Buffer characters; /* UTF-8 for a text whose characters are the pattern's bytes */
  luaL_buffinit(L, &characters);
  for (; pattern < end; pattern++) {
    unsigned char byte = (unsigned char)*pattern;
    if (byte >= 0x80) luaL_addchar(&characters, (char)(0xc0 | byte >> 6));
    luaL_addchar(&characters, (char)(byte >= 0x80 ? 0x80 | (byte & 0x3f) : byte));
    if (escaped || byte == '\\') {
      escaped = !escaped;
    } else if (in_class || byte == '[') {
      in_class = byte != ']';
    } else if (end - pattern > 3 && memcmp(pattern, "(?P<", 4) == 0) {
      luaL_addchar(&characters, '?'); /* as other languages name a group */
      pattern += 2;
    }
  }
  luaL_pushresult(&characters);
  size_t size;
  const char *text = lua_tolstring(L, -1, &size);
  uint8_t *code = lre_compile(&length, message, sizeof message, text, size, flags, NULL);
  if (!code) luaL_error(L, "the regular expression makes no sense: %s", message);
  memcpy(lua_newuserdatauv(L, (size_t)length, 0), code, (size_t)length);
  free(code);
  lua_remove(L, -2);
}

/* The pattern that is the first argument, compiled now or before, and the text that is the second. */
static void prepare(lua_State *L, struct search *search) {
  size_t length;
  const char *pattern = luaL_checklstring(L, 1, &length);
  search->text = (const uint8_t *)luaL_checklstring(L, 2, &search->length);
  stack_limit = (uintptr_t)__builtin_frame_address(0) - STACK_SIZE;
  lua_pushvalue(L, 1);
  if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TUSERDATA) {
    lua_pop(L, 1);
    compile(L, pattern, pattern + length);
    lua_rawgeti(L, lua_upvalueindex(1), 0); /* how many there are */
    lua_Integer count = lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (count >= MOST_COMPILED) {
      lua_newtable(L);
      lua_replace(L, lua_upvalueindex(1));
      count = 0;
    }
    lua_pushinteger(L, count + 1);
    lua_rawseti(L, lua_upvalueindex(1), 0);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -2);
    lua_rawset(L, lua_upvalueindex(1));
  }
  search->code = lua_touserdata(L, -1); /* stays on the stack, and so in memory */
  search->groups = lre_get_capture_count(search->code);
}

static int find_from(lua_State *L, struct search *search, size_t from) {
  if (search->length > INT32_MAX / 2) luaL_error(L, "the text is too long");
  int found = lre_exec(search->bounds, search->code, search->text, (int)from, (int)search->length,
                       0, NULL);
  if (found < 0) luaL_error(L, "not enough memory for the match");
  return found;
}

static size_t group_length(const struct search *search, int group) {
  return (size_t)(search->bounds[2 * group + 1] - search->bounds[2 * group]);
}

static int is_set(const struct search *search, int group) {
  return search->bounds[2 * group] && search->bounds[2 * group + 1];
}

/* Where to look after a match; an empty one is not to be found for ever. */
static size_t next_from(const struct search *search) {
  size_t end = (size_t)(search->bounds[1] - search->text);
  return group_length(search, 0) ? end : end + 1;
}

static int match(lua_State *L) {
  struct search search;
  prepare(L, &search);
  lua_pushboolean(L, find_from(L, &search, 0));
  return 1;
}

static void push_group(lua_State *L, const struct search *search, int group) {
  if (is_set(search, group)) {
    lua_pushlstring(L, (const char *)search->bounds[2 * group], group_length(search, group));
  } else {
    lua_pushnil(L);
  }
}

/* The match and its groups, or nil. */
static int find(lua_State *L) {
  struct search search;
  prepare(L, &search);
  if (!find_from(L, &search, 0)) {
    lua_pushnil(L);
    return 1;
  }
  luaL_checkstack(L, search.groups, "too many groups");
  for (int group = 0; group < search.groups; group++) push_group(L, &search, group);
  return search.groups;
}

static int find_all(lua_State *L) {
  struct search search;
  prepare(L, &search);
  lua_newtable(L);
  lua_Integer count = 0;
  for (size_t from = 0; from <= search.length && find_from(L, &search, from);
       from = next_from(&search)) {
    push_group(L, &search, 0);
    lua_rawseti(L, -2, ++count);
  }
  return 1;
}

static int group_of_name(const struct search *search, const char *name, size_t length) {
  const char *names = lre_get_groupnames(search->code);
  for (int group = 1; names && group < search->groups; group++) {
    if (strlen(names) == length && memcmp(names, name, length) == 0) return group;
    names += strlen(names) + 1;
  }
  return -1;
}

static int group_of_digits(const char **at, const char *end) {
  int group = 0;
  for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
    group = group < MOST_GROUPS ? group * 10 + (**at - '0') : group;
  }
  return group;
}

/* What stands for a match: $1, ${1} and ${name} are its groups, $$ a dollar. */
static void add_replacement(luaL_Buffer *into, const struct search *search, const char *at,
                            const char *end) {
  while (at < end) {
    if (*at != '$' || at + 1 == end) {
      luaL_addchar(into, *at++);
      continue;
    }
    const char *name = at + 1, *brace;
    int group = -1;
    if (*name == '$') {
      luaL_addchar(into, '$');
      at += 2;
      continue;
    }
    if (*name >= '0' && *name <= '9') {
      group = group_of_digits(&name, end);
    } else if (*name == '{' && (brace = memchr(name, '}', (size_t)(end - name)))) {
      const char *digits = ++name;
      group = group_of_digits(&digits, brace);
      if (digits != brace || name == brace) {
        group = group_of_name(search, name, (size_t)(brace - name));
      }
      name = brace + 1;
    } else {
      luaL_addchar(into, *at++);
      continue;
    }
    if (group >= 0 && group < search->groups && is_set(search, group)) {
      luaL_addlstring(into, (const char *)search->bounds[2 * group], group_length(search, group));
    }
    at = name;
  }
}

/* Every match replaced. */
static int replace(lua_State *L) {
  struct search search;
  size_t size, copied = 0;
  prepare(L, &search);
  const char *replacement = luaL_checklstring(L, 3, &size);
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  for (size_t from = 0; from <= search.length && find_from(L, &search, from);
       from = next_from(&search)) {
    size_t begin = (size_t)(search.bounds[0] - search.text);
    luaL_addlstring(&out, (const char *)search.text + copied, begin - copied);
    add_replacement(&out, &search, replacement, replacement + size);
    copied = (size_t)(search.bounds[1] - search.text);
  }
  luaL_addlstring(&out, (const char *)search.text + copied, search.length - copied);
  luaL_pushresult(&out);
  return 1;
}

void open_regex(lua_State *L) {
  static const luaL_Reg functions[] = {{"match", match},
                                       {"find", find},
                                       {"find_all", find_all},
                                       {"replace", replace},
                                       {NULL, NULL}};
  luaL_newlibtable(L, functions);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 1);
}
