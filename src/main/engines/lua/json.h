#ifndef JSON_H
#define JSON_H

#include <stddef.h>

#include "lua.h"

/* Pushes the value of a JSON text; raises an error if it is none. null becomes nil. */
void json_push(lua_State *L, const char *text, size_t length);

#endif
