/*
 * What an engine module and the agent agree upon, beside the exports that every module has:
 *
 *   load(ptr, len) -> i32   once, after _initialize: the script as "name NUL source NUL"; returns
 *                           the handlers that it defines, a sum of HANDLES_*, or LOAD_FAILED
 *
 * and the imports below. A handler that fails calls engine_fail and returns 0.
 */
#ifndef ENGINE_H
#define ENGINE_H

#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name)))
#define IMPORT(name) __attribute__((import_module("sentinel_engine"), import_name(#name)))

#define LOAD_FAILED (-1)
#define HANDLES_REQUEST_HEADERS 1
#define HANDLES_RESPONSE_HEADERS 2

/* The agent knows these numbers, too. */
enum level { LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARN, LEVEL_ERROR };
enum failure { FAILURE_ERROR, FAILURE_OUT_OF_MEMORY };

/* A line for the agent's log. */
IMPORT(log) extern void engine_log(enum level level, const char *text, size_t length);

/* Why the script came to no decision, and the trace that tells where. */
IMPORT(fail)
extern void engine_fail(enum failure failure, const char *message, size_t length,
                        const char *trace, size_t trace_length);

/* Whether an allocation was refused since the current call began. */
extern int engine_out_of_memory;

/* As malloc and realloc, but they remember in engine_out_of_memory what could not be had. */
void *engine_realloc(void *block, size_t size);

/* Text that grows, up to a bound; it is kept from call to call. */
struct text {
  char *bytes;
  size_t length, capacity, limit;
  int overflowed;
};

void text_clear(struct text *text);
void text_put(struct text *text, const char *bytes, size_t length);
void text_puts(struct text *text, const char *string);
void text_put_char(struct text *text, char c);
void text_put_json(struct text *text, const char *bytes, size_t length); /* with quotes */
void text_put_number(struct text *text, double number); /* as JSON; null if it is none */

/* The decision that a handler returns; the agent reads it before it calls again. */
extern struct text engine_result;

#define RESULT_LIMIT (1 << 20)
uint64_t engine_packed_result(void);

#endif
