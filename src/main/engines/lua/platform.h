/*
 * Included before Lua's own sources: what they take from the platform. Wasm has no setjmp, so an
 * error unwinds through the agent: it calls run_protected back, and throws through it.
 */
#ifndef PLATFORM_H
#define PLATFORM_H

#include <stddef.h>

struct lua_State;
typedef void protected_function(struct lua_State *state, void *argument);

/* Runs a function, until it ends or throws this token. Keeps the module's stack pointer. */
void lua_try(protected_function *function, struct lua_State *state, void *argument, void *token);
_Noreturn void lua_throw(void *token);

#define LUAI_TRY(L, c, a) lua_try(f, L, ud, c);
#define LUAI_THROW(L, c) lua_throw(c)
#define luai_jmpbuf int

/* There are no signals. */
#define l_signalT int

unsigned int lua_random(void);
#define luai_makeseed(L) lua_random()
#define l_randomizePivot() lua_random()

void lua_print_begin(void);
void lua_print(const char *text, size_t length);
void lua_print_end(void);
#define lua_writestring(text, length) lua_print(text, length)
#define lua_writeline() lua_print_end()
#define lua_writestringerror(format, text) ((void)(text))

#endif
