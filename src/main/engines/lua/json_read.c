/* JSON to Lua values (RFC 8259). */
#include <stdint.h>
#include <string.h>

#include "json.h"
#include "lauxlib.h"

#define MAX_DEPTH 100

struct reader {
  lua_State *L;
  const char *start, *at, *end;
};

static void read_value(struct reader *in, int depth);

static _Noreturn void malformed(struct reader *in) {
  luaL_error(in->L, "malformed JSON at byte %d", (int)(in->at - in->start));
  __builtin_unreachable();
}

static void skip_space(struct reader *in) {
  while (in->at < in->end && memchr(" \t\r\n", *in->at, 4)) in->at++;
}

/* The next character that is no space, without taking it; 0 at the end. */
static char peek(struct reader *in) {
  skip_space(in);
  return in->at < in->end ? *in->at : 0;
}

static void expect(struct reader *in, char c) {
  if (peek(in) != c) malformed(in);
  in->at++;
}

static void read_word(struct reader *in, const char *word) {
  size_t length = strlen(word);
  if ((size_t)(in->end - in->at) < length || memcmp(in->at, word, length) != 0) malformed(in);
  in->at += length;
}

static unsigned read_hex(struct reader *in) {
  unsigned value = 0;
  for (int i = 0; i < 4; i++, in->at++) {
    char c = in->at < in->end ? *in->at : 0;
    unsigned digit;
    if (c >= '0' && c <= '9') {
      digit = (unsigned)(c - '0');
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      digit = (unsigned)((c | 0x20) - 'a' + 10);
    } else {
      malformed(in);
    }
    value = value << 4 | digit;
  }
  return value;
}

/* After "\u". Half a pair is an error: it has no UTF-8. */
static void read_unicode(struct reader *in, luaL_Buffer *buffer) {
  unsigned code = read_hex(in);
  if (code >= 0xd800 && code < 0xdc00) {
    read_word(in, "\\u");
    unsigned low = read_hex(in);
    if (low < 0xdc00 || low > 0xdfff) malformed(in);
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  } else if (code >= 0xdc00 && code < 0xe000) {
    malformed(in);
  }
  char utf8[4];
  size_t length;
  if (code < 0x80) {
    utf8[0] = (char)code;
    length = 1;
  } else if (code < 0x800) {
    utf8[0] = (char)(0xc0 | code >> 6);
    length = 2;
  } else if (code < 0x10000) {
    utf8[0] = (char)(0xe0 | code >> 12);
    length = 3;
  } else {
    utf8[0] = (char)(0xf0 | code >> 18);
    length = 4;
  }
  for (size_t i = 1; i < length; i++) {
    utf8[i] = (char)(0x80 | (code >> 6 * (length - 1 - i) & 0x3f));
  }
  luaL_addlstring(buffer, utf8, length);
}

static void read_escape(struct reader *in, luaL_Buffer *buffer) {
  static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  char c = in->at < in->end ? *in->at++ : 0;
  const char *letter = c ? strchr(letters, c) : NULL;
  if (letter) {
    luaL_addchar(buffer, meanings[letter - letters]);
  } else if (c == 'u') {
    read_unicode(in, buffer);
  } else {
    malformed(in);
  }
}

static const char *plain_end(struct reader *in) {
  const char *at = in->at;
  while (at < in->end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20) at++;
  return at;
}

static void read_string(struct reader *in) {
  expect(in, '"');
  const char *end = plain_end(in);
  if (end < in->end && *end == '"') { /* the most common case by far */
    lua_pushlstring(in->L, in->at, (size_t)(end - in->at));
    in->at = end + 1;
    return;
  }
  luaL_Buffer buffer;
  luaL_buffinit(in->L, &buffer);
  for (;;) {
    end = plain_end(in);
    luaL_addlstring(&buffer, in->at, (size_t)(end - in->at));
    in->at = end;
    if (end == in->end || (unsigned char)*end < 0x20) malformed(in);
    in->at++;
    if (*end == '"') break;
    read_escape(in, &buffer);
  }
  luaL_pushresult(&buffer);
}

static void skip_digits(struct reader *in) {
  const char *from = in->at;
  while (in->at < in->end && *in->at >= '0' && *in->at <= '9') in->at++;
  if (in->at == from) malformed(in);
}

static void read_number(struct reader *in) {
  const char *from = in->at;
  if (*in->at == '-') in->at++;
  if (in->at < in->end && *in->at == '0') {
    in->at++;
  } else {
    skip_digits(in);
  }
  if (in->at < in->end && *in->at == '.') {
    in->at++;
    skip_digits(in);
  }
  if (in->at < in->end && (*in->at | 0x20) == 'e') {
    in->at++;
    if (in->at < in->end && (*in->at == '+' || *in->at == '-')) in->at++;
    skip_digits(in);
  }
  lua_pushlstring(in->L, from, (size_t)(in->at - from));
  if (!lua_stringtonumber(in->L, lua_tostring(in->L, -1))) malformed(in); /* too long */
  lua_remove(in->L, -2);
}

static void read_object(struct reader *in, int depth) {
  expect(in, '{');
  lua_createtable(in->L, 0, 8);
  if (peek(in) == '}') {
    in->at++;
    return;
  }
  for (;;) {
    if (peek(in) != '"') malformed(in);
    read_string(in);
    expect(in, ':');
    read_value(in, depth);
    lua_rawset(in->L, -3);
    if (peek(in) == '}') break;
    expect(in, ',');
  }
  in->at++;
}

static void read_array(struct reader *in, int depth) {
  expect(in, '[');
  lua_newtable(in->L);
  if (peek(in) == ']') {
    in->at++;
    return;
  }
  for (lua_Integer i = 1;; i++) {
    read_value(in, depth);
    lua_rawseti(in->L, -2, i);
    if (peek(in) == ']') break;
    expect(in, ',');
  }
  in->at++;
}

static void read_value(struct reader *in, int depth) {
  if (depth > MAX_DEPTH) luaL_error(in->L, "JSON nested deeper than %d", MAX_DEPTH);
  luaL_checkstack(in->L, 8, "JSON nested too deep");
  switch (peek(in)) {
    case '{':
      read_object(in, depth + 1);
      break;
    case '[':
      read_array(in, depth + 1);
      break;
    case '"':
      read_string(in);
      break;
    case 't':
      read_word(in, "true");
      lua_pushboolean(in->L, 1);
      break;
    case 'f':
      read_word(in, "false");
      lua_pushboolean(in->L, 0);
      break;
    case 'n':
      read_word(in, "null");
      lua_pushnil(in->L);
      break;
    case '-':
    case '0' ... '9':
      read_number(in);
      break;
    default:
      malformed(in);
  }
}

void json_push(lua_State *L, const char *text, size_t length) {
  struct reader in = {L, text, text, text + length};
  read_value(&in, 0);
  if (peek(&in)) malformed(&in);
}
