/*
 * The fields of a decision as JSON. Each is written as what it must be, for a table does not tell
 * whether it is a map or a list. A field may come from a metatable; entries of maps and lists may not.
 */
#include "decision.h"

#include <stdio.h>
#include <string.h>

#include "lauxlib.h"

/* The value on top as a JSON string, if it is a string or a number; else null. Pops it. */
static void write_text(lua_State *L, struct text *into) {
  size_t length;
  const char *bytes = lua_tolstring(L, -1, &length);
  if (bytes) {
    text_put_json(into, bytes, length);
  } else {
    text_puts(into, "null");
  }
  lua_pop(L, 1);
}

static void write_status(lua_State *L, struct text *into) {
  int is_integer;
  lua_Integer status = lua_tointegerx(L, -1, &is_integer);
  if (!is_integer) {
    write_text(L, into);
    return;
  }
  char digits[24];
  text_put(into, digits, (size_t)snprintf(digits, sizeof digits, "%lld", (long long)status));
  lua_pop(L, 1);
}

static void write_map(lua_State *L, struct text *into) {
  if (!lua_istable(L, -1)) {
    write_text(L, into);
    return;
  }
  int first = 1;
  text_put_char(into, '{');
  lua_pushnil(L);
  while (!into->overflowed && lua_next(L, -2)) {
    if (!first) text_put_char(into, ',');
    first = 0;
    lua_pushvalue(L, -2); /* a copy: its conversion shall not confuse lua_next */
    write_text(L, into);
    text_put_char(into, ':');
    write_text(L, into);
  }
  text_put_char(into, '}');
  if (into->overflowed) luaL_error(L, "the decision is too large");
  lua_pop(L, 1);
}

static void write_list(lua_State *L, struct text *into) {
  if (!lua_istable(L, -1)) {
    write_text(L, into);
    return;
  }
  lua_Unsigned count = lua_rawlen(L, -1);
  text_put_char(into, '[');
  for (lua_Unsigned i = 1; i <= count && !into->overflowed; i++) {
    if (i > 1) text_put_char(into, ',');
    lua_rawgeti(L, -1, (lua_Integer)i);
    write_text(L, into);
  }
  text_put_char(into, ']');
  lua_pop(L, 1);
}

static const struct {
  const char *name;
  void (*write)(lua_State *L, struct text *into);
} FIELDS[] = {{"status", write_status},
              {"body", write_text},
              {"add_request_headers", write_map},
              {"remove_request_headers", write_list},
              {"add_response_headers", write_map},
              {"remove_response_headers", write_list},
              {"tags", write_list}};

void write_decision(lua_State *L, struct text *into) {
  text_puts(into, "{\"decision\":");
  if (lua_getfield(L, -1, "decision") == LUA_TNIL) {
    lua_pop(L, 1);
    text_puts(into, "\"allow\""); /* a table that only adds headers, say */
  } else {
    write_text(L, into);
  }
  for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++) {
    if (lua_getfield(L, -1, FIELDS[i].name) == LUA_TNIL) {
      lua_pop(L, 1);
      continue;
    }
    text_put_char(into, ',');
    text_put_json(into, FIELDS[i].name, strlen(FIELDS[i].name));
    text_put_char(into, ':');
    FIELDS[i].write(L, into);
  }
  text_put_char(into, '}');
  if (into->overflowed) luaL_error(L, "the decision is too large");
}
