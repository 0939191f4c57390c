#ifndef LIBRARY_H
#define LIBRARY_H

#include "lua.h"

/* Defines the globals of library/. */
void open_library(lua_State *L);

/* To be called before a handler: forgets what a former one asked for. */
void library_begin(lua_State *L);

/* Gives the event on top of the stack its methods. */
void library_methods(lua_State *L, int is_response);

/* Puts a decision in the place of what a handler returned, on top of the stack. */
void library_finish(lua_State *L);

#endif
