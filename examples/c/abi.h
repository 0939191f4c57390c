#ifndef ABI_H
#define ABI_H

#include <cJSON.h>

/* What the policy answers to an event; abi.c deletes it when it has been written out. */
cJSON *on_request(const cJSON *event);
cJSON *on_response(const cJSON *event);

#endif
