/* The border between the agent and the policy: numbers outside, JSON inside. */
#include "abi.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name) __attribute__((export_name(#name)))

/* Lends the host a buffer, for the event. */
EXPORT(alloc) void *host_alloc(size_t size) {
    return malloc(size);
}

/* Takes back the event's buffer, and the result's. */
EXPORT(dealloc) void host_dealloc(void *ptr, size_t size) {
    (void)size;
    free(ptr);
}

/* Without memory, or with an event that is no JSON: a trap, which is a module error for this
 * event alone. The agent goes on with a fresh instance. */
static void *need(void *pointer) {
    if (pointer == NULL) {
        __builtin_trap();
    }
    return pointer;
}

static uint64_t answer(const char *ptr, size_t len, cJSON *(*decide)(const cJSON *)) {
    cJSON *event = need(cJSON_ParseWithLength(ptr, len));
    cJSON *verdict = need(decide(event));
    char *text = need(cJSON_PrintUnformatted(verdict)); /* freed by host_dealloc */
    cJSON_Delete(verdict);
    cJSON_Delete(event);
    return (uint64_t)(uintptr_t)text << 32 | strlen(text);
}

EXPORT(on_request_headers) uint64_t on_request_headers(const char *ptr, size_t len) {
    return answer(ptr, len, on_request);
}

EXPORT(on_response_headers) uint64_t on_response_headers(const char *ptr, size_t len) {
    return answer(ptr, len, on_response);
}

/* What the C library would import to write to files. Defined here, the module has no imports, and
 * loads in hosts that offer none; leave this out to see what printf writes in the agent's log. */
#define REFUSED 52 /* WASI's ENOSYS */

int32_t __imported_wasi_snapshot_preview1_fd_close(int32_t fd) {
    (void)fd;
    return REFUSED;
}

int32_t __imported_wasi_snapshot_preview1_fd_seek(int32_t fd, int64_t by, int32_t from, int32_t to) {
    (void)fd, (void)by, (void)from, (void)to;
    return REFUSED;
}

int32_t __imported_wasi_snapshot_preview1_fd_write(int32_t fd, int32_t iovs, int32_t n, int32_t to) {
    (void)fd, (void)iovs, (void)n, (void)to;
    return REFUSED;
}
