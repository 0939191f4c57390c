#ifndef DECISION_H
#define DECISION_H

#include "engine.h"
#include "quickjs.h"

/* Writes the fields of a decision as JSON; -1 if one of them threw. What they hold is not judged. */
int write_decision(JSContext *context, JSValueConst decision, struct text *into);

#endif
