/* The small policy in C, with cJSON. Its twins in the other languages are in the neighbouring
 * directories; what a module has to do with memory is in abi.c. */
#include "abi.h"

#include <stdbool.h>
#include <string.h>

static const char PROTECTED[] = "/admin";

static const char *text(const cJSON *object, const char *name) {
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return value != NULL ? value : "";
}

/* The path itself, or something below it. */
static bool is_protected(const char *uri) {
    size_t length = sizeof PROTECTED - 1;
    return strncmp(uri, PROTECTED, length) == 0 && strchr("/?#", uri[length]) != NULL;
}

static void tag(cJSON *verdict, const char *name) {
    cJSON_AddItemToArray(cJSON_AddArrayToObject(verdict, "tags"), cJSON_CreateString(name));
}

static cJSON *block(void) {
    cJSON *verdict = cJSON_CreateObject();
    cJSON_AddStringToObject(verdict, "decision", "block");
    cJSON_AddNumberToObject(verdict, "status", 403);
    cJSON_AddStringToObject(verdict, "body", "Authorization required");
    tag(verdict, "auth-required");
    return verdict;
}

static cJSON *allow(const char *headers) {
    cJSON *verdict = cJSON_CreateObject();
    cJSON_AddStringToObject(verdict, "decision", "allow");
    cJSON_AddStringToObject(
        cJSON_AddObjectToObject(verdict, headers), "x-wasm-policy", "checked");
    return verdict;
}

cJSON *on_request(const cJSON *event) {
    const cJSON *headers = cJSON_GetObjectItemCaseSensitive(event, "headers");
    if (is_protected(text(event, "uri")) && *text(headers, "authorization") == '\0') {
        return block();
    }
    cJSON *verdict = allow("add_request_headers");
    tag(verdict, "checked");
    return verdict;
}

cJSON *on_response(const cJSON *event) {
    const cJSON *status = cJSON_GetObjectItemCaseSensitive(event, "status");
    cJSON *verdict = allow("add_response_headers");
    if (cJSON_IsNumber(status) && status->valuedouble >= 500) {
        tag(verdict, "upstream-error");
    }
    return verdict;
}
