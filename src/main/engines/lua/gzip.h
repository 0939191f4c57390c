#ifndef GZIP_H
#define GZIP_H

#include "lua.h"

/* Functions of Lua's: from text to text. */
int gzip_compress(lua_State *L);
int gzip_decompress(lua_State *L);

#endif
