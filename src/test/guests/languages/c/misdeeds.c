/* Calls WASI as no C library would. What a call returned is in the block's body. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wasi/api.h>

#define EXPORT(name) __attribute__((export_name(#name)))

EXPORT(alloc) void *host_alloc(size_t size) {
    return malloc(size);
}

EXPORT(dealloc) void host_dealloc(void *ptr, size_t size) {
    (void)size;
    free(ptr);
}

static uint64_t give(const char *what, int returned) {
    char *text = malloc(128);
    int length = snprintf(text, 128, "{\"decision\":\"block\",\"body\":\"%s %d\"}", what, returned);
    return (uint64_t)(uintptr_t)text << 32 | (unsigned)length;
}

static uint64_t iovec(void) {
    static char byte;
    __wasi_size_t written;
    __wasi_ciovec_t vectors[] = {{(const uint8_t *)&byte, 1}, {(const uint8_t *)&byte, 0xffffffff}};
    return give("iovec", __wasi_fd_write(1, vectors, 2, &written));
}

static uint64_t vectors(void) {
    static __wasi_ciovec_t none;
    __wasi_size_t written;
    return give("vectors", __wasi_fd_write(2, &none, 1000000000, &written));
}

/* More than are taken at once: the number returned is that of the bytes that were. */
static uint64_t many(void) {
    static __wasi_ciovec_t vectors[1500];
    static const char dot = '.';
    __wasi_size_t written = 0;
    for (int i = 0; i < 1500; i++) vectors[i] = (__wasi_ciovec_t){(const uint8_t *)&dot, 1};
    int error = __wasi_fd_write(1, vectors, 1500, &written);
    return give("many", error ? -error : (int)written);
}

static uint64_t standard_input(void) {
    char byte;
    int read_bytes = (int)read(0, &byte, 1);
    puts("standard input is at its end");
    fflush(stdout);
    return give("stdin", read_bytes);
}

EXPORT(on_request_headers) uint64_t on_request_headers(const char *ptr, size_t len) {
    char *event = strndup(ptr, len);
    uint64_t result = strstr(event, "\"/iovec\"") != NULL     ? iovec()
                      : strstr(event, "\"/vectors\"") != NULL ? vectors()
                      : strstr(event, "\"/many\"") != NULL    ? many()
                      : strstr(event, "\"/stdin\"") != NULL   ? standard_input()
                                                              : 0;
    free(event);
    return result;
}
