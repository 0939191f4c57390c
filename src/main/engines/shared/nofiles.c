/*
 * There are no files and no streams here. What the C library would ask the system to do with them
 * fails inside the module, so that the module needs no imports for it.
 */
#include <stdint.h>

#define NOT_SUPPORTED 58 /* WASI's ENOTSUP */

/* The names under which the C library calls the system; the types are those of the ABI. */
#define REFUSED(name, ...) \
  int32_t __imported_wasi_snapshot_preview1_##name(__VA_ARGS__); \
  int32_t __imported_wasi_snapshot_preview1_##name(__VA_ARGS__) { return NOT_SUPPORTED; }

#pragma clang diagnostic ignored "-Wunused-parameter"

REFUSED(fd_close, int32_t fd)
REFUSED(fd_fdstat_get, int32_t fd, int32_t stat)
REFUSED(fd_read, int32_t fd, int32_t iovs, int32_t count, int32_t read)
REFUSED(fd_seek, int32_t fd, int64_t offset, int32_t whence, int32_t position)
REFUSED(fd_write, int32_t fd, int32_t iovs, int32_t count, int32_t written)
