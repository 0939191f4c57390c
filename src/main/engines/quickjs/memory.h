/*
 * QuickJS's memory: small blocks come from lists by size, for an event takes and gives back some
 * hundred of them, and the C library's malloc and free are most of what that would cost.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

void *memory_malloc(size_t size);
void *memory_calloc(size_t size); /* zeros */
void *memory_realloc(void *block, size_t size);
void memory_free(void *block);

/* How much a block can hold; what was asked for, or a little more. */
size_t memory_usable_size(const void *block);

#endif
