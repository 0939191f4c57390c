/* What platform.h promises to Lua. */
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "engine.h"
#include "lua.h"
#include "lobject.h"
#include "lstate.h"
#include "lundump.h"
#include "ldo.h"

#define LINE_LIMIT (8 * 1024)

/* The agent's: calls run_protected; 1 if the token was thrown meanwhile. What else ends the call
 * (a trap, the deadline) goes on through Lua, and no script can catch it. */
IMPORT(try)
extern int host_try(protected_function *function, lua_State *state, void *argument, void *token);
IMPORT(throw) extern _Noreturn void host_throw(void *token);

EXPORT(run_protected)
void run_protected(protected_function *function, lua_State *state, void *argument) {
  function(state, argument);
}

static uintptr_t stack_pointer(void) {
  uintptr_t pointer;
  __asm__ volatile(".globaltype __stack_pointer, i32\n"
                   "global.get __stack_pointer\n"
                   "local.set %0"
                   : "=r"(pointer));
  return pointer;
}

static void set_stack_pointer(uintptr_t pointer) {
  __asm__ volatile("local.get %0\n"
                   "global.set __stack_pointer"
                   :
                   : "r"(pointer));
}

void lua_try(protected_function *function, lua_State *state, void *argument, void *token) {
  uintptr_t pointer = stack_pointer();
  if (host_try(function, state, argument, token)) {
    set_stack_pointer(pointer); /* the frames that were unwound had no chance to */
  }
}

_Noreturn void lua_throw(void *token) { host_throw(token); }

unsigned int lua_random(void) {
  unsigned int random = 0;
  if (getentropy(&random, sizeof random) != 0) __builtin_trap();
  return random;
}

static struct text printed = {.limit = LINE_LIMIT};

/* What a call had begun to print when it failed is not the next one's. */
void lua_print_begin(void) { text_clear(&printed); }

void lua_print(const char *text, size_t length) {
  size_t room = printed.limit - printed.length;
  text_put(&printed, text, length < room ? length : room);
}

void lua_print_end(void) {
  engine_log(LEVEL_INFO, printed.bytes, printed.length);
  text_clear(&printed);
}

/* Precompiled chunks are not checked by Lua, and can break its machine: there is no loader. */
LClosure *luaU_undump(lua_State *L, ZIO *input, const char *name) {
  (void)input;
  luaO_pushfstring(L, "%s: precompiled chunks are not loaded", name);
  luaD_throw(L, LUA_ERRSYNTAX);
}

/* dofile and loadfile are gone, but not the functions behind them. */
FILE *fopen(const char *restrict path, const char *restrict mode) {
  (void)path, (void)mode;
  return NULL;
}

FILE *freopen(const char *restrict path, const char *restrict mode, FILE *restrict file) {
  (void)path, (void)mode, (void)file;
  return NULL;
}
