/*
 * What scripts for sentinel-agent-lua may expect beside Lua's own libraries. It is written in Lua
 * (library/, of which build.sh makes chunks.h); here is what that needs of C.
 */
#include "library.h"

#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "chunks.h"
#include "engine.h"
#include "gzip.h"
#include "json.h"
#include "lauxlib.h"
#include "regex.h"

#define MOST_RANDOM_BYTES (64 * 1024)
#define ENTROPY_BYTES 256 /* as many as getentropy gives at once */

static int decode(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  json_push(L, text, length);
  return 1;
}

static int write_log(lua_State *L) {
  size_t length;
  const char *message = luaL_checklstring(L, 2, &length);
  engine_log((enum level)luaL_checkinteger(L, 1), message, length);
  return 0;
}

static int random_bytes(lua_State *L) {
  lua_Integer count = luaL_checkinteger(L, 1);
  luaL_argcheck(L, count >= 0 && count <= MOST_RANDOM_BYTES, 1, "out of range");
  luaL_Buffer buffer;
  char *bytes = luaL_buffinitsize(L, &buffer, (size_t)count);
  for (lua_Integer at = 0; at < count; at += ENTROPY_BYTES) {
    size_t length = count - at < ENTROPY_BYTES ? (size_t)(count - at) : ENTROPY_BYTES;
    if (getentropy(bytes + at, length) != 0) return luaL_error(L, "there are no random numbers");
  }
  luaL_pushresultsize(&buffer, (size_t)count);
  return 1;
}

static int now_ms(lua_State *L) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  lua_pushinteger(L, (lua_Integer)now.tv_sec * 1000 + now.tv_nsec / 1000000);
  return 1;
}

/* Loads a chunk and calls it with what it needs; leaves on the stack what it returns. */
static void load(lua_State *L, const char *name, const char *source, size_t length,
                 lua_CFunction needs) {
  if (luaL_loadbufferx(L, source, length, name, "t") != LUA_OK) lua_error(L);
  if (needs) {
    lua_pushcfunction(L, needs);
  } else {
    lua_pushnil(L);
  }
  lua_call(L, 1, 1);
}

/* Their addresses are the keys of what the chunk "sentinel" returns, where no script sees it. */
static const char *const HELD[] = {"request", "response", "asked", "forget", "finish"};
enum held { REQUEST, RESPONSE, ASKED, FORGET, FINISH };

static void get(lua_State *L, enum held held) { lua_rawgetp(L, LUA_REGISTRYINDEX, &HELD[held]); }

#define CHUNK(name, needs) load(L, "=" #name, chunk_##name, sizeof chunk_##name, needs)
#define LIBRARY(name, needs) (CHUNK(name, needs), lua_setglobal(L, #name))

void open_library(lua_State *L) {
  CHUNK(sentinel, write_log);
  for (size_t i = 0; i < sizeof HELD / sizeof *HELD; i++) {
    lua_getfield(L, -1, HELD[i]);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &HELD[i]);
  }
  lua_pop(L, 1);
  LIBRARY(json, decode);
  LIBRARY(crypto, random_bytes);
  LIBRARY(time, now_ms);
  LIBRARY(http, NULL);
  LIBRARY(encoding, NULL);
  lua_getglobal(L, "encoding");
  lua_pushcfunction(L, gzip_compress);
  lua_setfield(L, -2, "gzip_compress");
  lua_pushcfunction(L, gzip_decompress);
  lua_setfield(L, -2, "gzip_decompress");
  lua_pop(L, 1);
  open_regex(L);
  lua_setglobal(L, "regex");
}

/* Few handlers ask for anything: to look costs less than a call. */
static int was_asked(lua_State *L) {
  get(L, ASKED);
  lua_pushnil(L);
  int asked = lua_next(L, -2);
  lua_pop(L, asked ? 3 : 1);
  return asked;
}

void library_begin(lua_State *L) {
  if (!was_asked(L)) return;
  get(L, FORGET);
  lua_call(L, 0, 0);
}

void library_methods(lua_State *L, int is_response) {
  get(L, is_response ? RESPONSE : REQUEST);
  lua_setmetatable(L, -2);
}

void library_finish(lua_State *L) {
  if (!was_asked(L)) return;
  get(L, FINISH);
  lua_insert(L, -2);
  lua_call(L, 1, 1);
}
