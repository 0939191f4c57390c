#include "memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"

/*
 * Before each block stands how many bytes it holds. Blocks of up to MOST_SMALL come in steps of STEP,
 * header included, out of chunks, and go back to the list of their size. Larger ones are the C
 * library's.
 */
#define HEADER 4
#define ALIGNMENT 8
#define STEP 16
#define MOST_SMALL (32 * STEP - HEADER)
#define CHUNK (16 * 1024)

struct free_block {
  struct free_block *next;
};

static struct free_block *free_blocks[MOST_SMALL / STEP + 1];

/* What is left of the chunk at hand. */
static char *left_from, *left_to;

static uint32_t *header(const void *block) { return (uint32_t *)((char *)block - HEADER); }

static void *large(void *base, size_t size) {
  if (!base) return NULL;
  char *block = (char *)base + ALIGNMENT;
  *header(block) = (uint32_t)size;
  return block;
}

static void *base_of_large(void *block) { return (char *)block - ALIGNMENT; }

static void *carve(size_t index) {
  size_t stride = (index + 1) * STEP;
  if ((size_t)(left_to - left_from) < stride) {
    char *chunk = engine_realloc(NULL, CHUNK);
    if (!chunk) return NULL;
    left_from = chunk + ALIGNMENT - HEADER;
    left_to = chunk + CHUNK;
  }
  char *block = left_from + HEADER;
  left_from += stride;
  *header(block) = (uint32_t)(stride - HEADER);
  return block;
}

void *memory_malloc(size_t size) {
  if (size > MOST_SMALL) {
    if (size > SIZE_MAX / 2) {
      engine_out_of_memory = 1;
      return NULL;
    }
    return large(engine_realloc(NULL, size + ALIGNMENT), size);
  }
  size_t index = (size + HEADER - 1) / STEP;
  struct free_block *block = free_blocks[index];
  if (!block) return carve(index);
  free_blocks[index] = block->next;
  return block;
}

void *memory_calloc(size_t size) {
  void *block = memory_malloc(size);
  if (block) memset(block, 0, size);
  return block;
}

void memory_free(void *block) {
  if (!block) return;
  size_t holds = *header(block);
  if (holds > MOST_SMALL) {
    free(base_of_large(block));
    return;
  }
  struct free_block *freed = block;
  freed->next = free_blocks[holds / STEP];
  free_blocks[holds / STEP] = freed;
}

void *memory_realloc(void *block, size_t size) {
  if (!block) return memory_malloc(size);
  size_t holds = *header(block);
  if (holds > MOST_SMALL && size > MOST_SMALL && size <= SIZE_MAX / 2) {
    return large(engine_realloc(base_of_large(block), size + ALIGNMENT), size);
  }
  if (size <= holds && size > holds / 2) return block;
  void *moved = memory_malloc(size);
  if (!moved) return NULL;
  memcpy(moved, block, size < holds ? size : holds);
  memory_free(block);
  return moved;
}

size_t memory_usable_size(const void *block) { return block ? *header(block) : 0; }
