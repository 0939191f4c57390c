#ifndef DECISION_H
#define DECISION_H

#include "engine.h"
#include "lua.h"

/* Writes the fields of the decision on top of the stack as JSON. What they hold is not judged. */
void write_decision(lua_State *L, struct text *into);

#endif
