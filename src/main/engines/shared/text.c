/* The module's exports that do not depend on the language, and the text that is returned. */
#include "engine.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one large decision needed shall not be kept for ever. */
#define MOST_KEPT (64 * 1024)

int engine_out_of_memory;
struct text engine_result = {.limit = RESULT_LIMIT};

void *engine_realloc(void *block, size_t size) {
  void *moved = realloc(block, size);
  if (!moved && size) engine_out_of_memory = 1;
  return moved;
}

/* One byte more than asked for, and 0: parsers like their text to end. */
EXPORT(alloc) char *engine_alloc(size_t size) {
  char *block = size == SIZE_MAX ? NULL : malloc(size + 1);
  if (block) block[size] = 0;
  return block;
}

EXPORT(dealloc) void engine_dealloc(char *block, size_t size) {
  (void)size;
  if (block != engine_result.bytes) free(block);
}

void text_clear(struct text *text) {
  if (text->capacity > MOST_KEPT) {
    free(text->bytes);
    text->bytes = NULL;
    text->capacity = 0;
  }
  text->length = 0;
  text->overflowed = 0;
}

static int has_room(struct text *text, size_t more) {
  if (text->overflowed || more > text->limit - text->length) {
    text->overflowed = 1;
    return 0;
  }
  size_t wanted = text->length + more;
  if (wanted > text->capacity) {
    size_t capacity = text->capacity ? text->capacity : 512;
    while (capacity < wanted) capacity *= 2;
    char *bytes = engine_realloc(text->bytes, capacity);
    if (!bytes) {
      text->overflowed = 1;
      return 0;
    }
    text->bytes = bytes;
    text->capacity = capacity;
  }
  return 1;
}

void text_put(struct text *text, const char *bytes, size_t length) {
  if (has_room(text, length)) {
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
  }
}

void text_puts(struct text *text, const char *string) { text_put(text, string, strlen(string)); }

void text_put_char(struct text *text, char c) { text_put(text, &c, 1); }

void text_put_json(struct text *text, const char *bytes, size_t length) {
  if (length > text->limit) text->overflowed = 1;
  if (text->overflowed) return; /* without a look at each byte */
  text_put_char(text, '"');
  size_t plain = 0;
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)bytes[i];
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    char escape[8];
    int size = c < 0x20 ? snprintf(escape, sizeof escape, "\\u%04x", c)
                        : snprintf(escape, sizeof escape, "\\%c", c);
    text_put(text, bytes + plain, i - plain);
    text_put(text, escape, (size_t)size);
    plain = i + 1;
  }
  text_put(text, bytes + plain, length - plain);
  text_put_char(text, '"');
}

void text_put_number(struct text *text, double number) {
  char digits[40];
  if (!isfinite(number)) {
    text_puts(text, "null");
  } else if (number >= INT32_MIN && number <= INT32_MAX && number == (int32_t)number) {
    text_put(text, digits, (size_t)snprintf(digits, sizeof digits, "%d", (int)number));
  } else {
    text_put(text, digits, (size_t)snprintf(digits, sizeof digits, "%.17g", number));
  }
}

uint64_t engine_packed_result(void) {
  return (uint64_t)(uintptr_t)engine_result.bytes << 32 | engine_result.length;
}
