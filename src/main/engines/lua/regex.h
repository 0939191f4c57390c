#ifndef REGEX_H
#define REGEX_H

#include "lua.h"

/* Leaves the library "regex" on the stack. */
void open_regex(lua_State *L);

#endif
