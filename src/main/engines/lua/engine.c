/* Lua as an engine module: one state, one script. */
#include "engine.h"
#include "decision.h"
#include "json.h"
#include "library.h"

#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

#define MESSAGE_LIMIT (8 * 1024)

static lua_State *state;

/* What run carries into a protected call. */
struct work {
  const char *bytes;
  size_t length;
  const char *name; /* the script's, or the handler's */
  const char *argument; /* the global that holds the event */
  int is_response;
};

static void *allocate(void *opaque, void *block, size_t old_size, size_t new_size) {
  (void)opaque, (void)old_size;
  if (new_size == 0) {
    free(block);
    return NULL;
  }
  return engine_realloc(block, new_size);
}

/* Errors. */

static struct text trace = {.limit = MESSAGE_LIMIT};

static void put(struct text *into, const char *text, size_t length) {
  text_put(into, text, length < into->limit ? length : into->limit);
}

/* Where an error is raised its stack can still be seen. */
static int remember_trace(lua_State *L) {
  size_t length;
  luaL_traceback(L, L, NULL, 1);
  const char *text = lua_tolstring(L, -1, &length);
  text_clear(&trace);
  put(&trace, text, length);
  lua_pop(L, 1);
  if (!lua_isstring(L, 1) && luaL_callmeta(L, 1, "__tostring") && lua_isstring(L, -1)) return 1;
  if (!lua_isstring(L, 1)) {
    lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
    return 1;
  }
  lua_settop(L, 1);
  return 1;
}

/* Calls the function with the work as its argument; what it raises goes to the agent. */
static int run(lua_CFunction function, struct work *work) {
  engine_out_of_memory = 0;
  lua_print_begin();
  text_clear(&trace);
  lua_settop(state, 0);
  lua_pushcfunction(state, remember_trace);
  lua_pushcfunction(state, function);
  lua_pushlightuserdata(state, work);
  int status = lua_pcall(state, 1, 0, 1);
  if (status == LUA_OK) return 1;
  size_t length = 0;
  const char *message = lua_tolstring(state, -1, &length);
  enum failure failure = status == LUA_ERRMEM || engine_out_of_memory ? FAILURE_OUT_OF_MEMORY
                                                                     : FAILURE_ERROR;
  engine_fail(failure, message, length < MESSAGE_LIMIT ? length : MESSAGE_LIMIT, trace.bytes,
              trace.length);
  lua_settop(state, 0);
  return 0;
}

/* The libraries that stay within the state. */

static const luaL_Reg LIBRARIES[] = {
    {LUA_GNAME, luaopen_base},         {LUA_COLIBNAME, luaopen_coroutine},
    {LUA_TABLIBNAME, luaopen_table},   {LUA_STRLIBNAME, luaopen_string},
    {LUA_MATHLIBNAME, luaopen_math},   {LUA_UTF8LIBNAME, luaopen_utf8}};

static const char *const FROM_FILES[] = {"dofile", "loadfile"};

static void open_libraries(lua_State *L) {
  for (size_t i = 0; i < sizeof LIBRARIES / sizeof *LIBRARIES; i++) {
    luaL_requiref(L, LIBRARIES[i].name, LIBRARIES[i].func, 1);
    lua_pop(L, 1);
  }
  for (size_t i = 0; i < sizeof FROM_FILES / sizeof *FROM_FILES; i++) {
    lua_pushnil(L);
    lua_setglobal(L, FROM_FILES[i]);
  }
}

/* The exports. */

static int load_script(lua_State *L) {
  struct work *work = lua_touserdata(L, 1);
  open_libraries(L);
  open_library(L);
  lua_pushfstring(L, "=%s", work->name);
  if (luaL_loadbufferx(L, work->bytes, work->length, lua_tostring(L, -1), "t") != LUA_OK) {
    return lua_error(L);
  }
  lua_call(L, 0, 0);
  /* Where every event finds this state again, it shall not find a collection that is due. */
  lua_gc(L, LUA_GCCOLLECT);
  return 0;
}

static int handles(const char *handler, int flag) {
  lua_pushglobaltable(state);
  lua_pushstring(state, handler);
  int found = lua_rawget(state, -2) == LUA_TFUNCTION ? flag : 0;
  lua_settop(state, 0);
  return found;
}

EXPORT(load) int load(const char *name_and_source, size_t length) {
  size_t name_length = strlen(name_and_source);
  struct work work = {.name = name_and_source,
                      .bytes = name_and_source + name_length + 1,
                      .length = length - name_length - 2};
  state = lua_newstate(allocate, NULL);
  if (!state) {
    static const char message[] = "the engine cannot be started in so little memory";
    engine_fail(FAILURE_OUT_OF_MEMORY, message, sizeof message - 1, "", 0);
    return LOAD_FAILED;
  }
  if (!run(load_script, &work)) return LOAD_FAILED;
  return handles("on_request_headers", HANDLES_REQUEST_HEADERS) |
         handles("on_response_headers", HANDLES_RESPONSE_HEADERS);
}

static int call_handler(lua_State *L) {
  struct work *work = lua_touserdata(L, 1);
  lua_settop(L, 0);
  library_begin(L);
  if (lua_getglobal(L, work->name) != LUA_TFUNCTION) return 0;
  json_push(L, work->bytes, work->length);
  library_methods(L, work->is_response);
  lua_pushvalue(L, -1);
  lua_setglobal(L, work->argument);
  lua_call(L, 1, 1);
  library_finish(L);
  if (lua_isnil(L, -1)) return 0;
  if (!lua_istable(L, -1)) {
    return luaL_error(L, "%s returned a %s, and no table", work->name, luaL_typename(L, -1));
  }
  write_decision(L, &engine_result);
  return 0;
}

static uint64_t handle(struct work *work) {
  text_clear(&engine_result);
  if (!run(call_handler, work) || engine_result.length == 0) return 0;
  return engine_packed_result();
}

EXPORT(on_request_headers) uint64_t on_request_headers(const char *event, size_t length) {
  return handle(&(struct work){event, length, "on_request_headers", "request", 0});
}

EXPORT(on_response_headers) uint64_t on_response_headers(const char *event, size_t length) {
  return handle(&(struct work){event, length, "on_response_headers", "response", 1});
}
