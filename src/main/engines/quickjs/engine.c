/* QuickJS as an engine module: one runtime, one context, one script. */
#include "engine.h"
#include "decision.h"
#include "memory.h"

#include <stdlib.h>
#include <string.h>

#include "quickjs.h"

/* What a script may use of the module's stack (build.sh gives it more); recursion ends as an error. */
#define STACK_SIZE (64 * 1024)

#define LINE_LIMIT (8 * 1024)
#define MESSAGE_LIMIT (8 * 1024)

static JSRuntime *runtime;
static JSContext *context;
static JSValue on_request_headers, on_response_headers;

/* Errors. */

static void append(struct text *text, JSValueConst value) {
  size_t length;
  const char *bytes = JS_ToCStringLen(context, &length, value);
  if (bytes) {
    text_put(text, bytes, length < text->limit ? length : text->limit);
    JS_FreeCString(context, bytes);
  } else {
    JS_FreeValue(context, JS_GetException(context)); /* its own text cannot be had */
    text_puts(text, "(a value without a text)");
  }
}

static uint64_t fail_with(const char *message) {
  engine_fail(engine_out_of_memory ? FAILURE_OUT_OF_MEMORY : FAILURE_ERROR, message,
              strlen(message), "", 0);
  return 0;
}

/* Tells the agent what was thrown. */
static uint64_t fail(void) {
  static struct text message = {.limit = MESSAGE_LIMIT}, trace = {.limit = MESSAGE_LIMIT};
  text_clear(&message);
  text_clear(&trace);
  JSValue thrown = JS_GetException(context);
  enum failure failure = engine_out_of_memory ? FAILURE_OUT_OF_MEMORY : FAILURE_ERROR;
  if (JS_IsError(context, thrown)) {
    append(&message, thrown);
    JSValue stack = JS_GetPropertyStr(context, thrown, "stack");
    append(&trace, stack);
    JS_FreeValue(context, stack);
  } else {
    text_puts(&message, "thrown: ");
    append(&message, thrown);
  }
  JS_FreeValue(context, thrown);
  engine_fail(failure, message.bytes, message.length, trace.bytes, trace.length);
  return 0;
}

/* The console. */

static void append_argument(struct text *line, JSValueConst value) {
  if (JS_IsObject(value) && !JS_IsError(context, value) && !JS_IsFunction(context, value)) {
    JSValue json = JS_JSONStringify(context, value, JS_UNDEFINED, JS_UNDEFINED);
    if (JS_IsString(json)) {
      append(line, json);
      JS_FreeValue(context, json);
      return;
    }
    if (JS_IsException(json)) JS_FreeValue(context, JS_GetException(context));
    JS_FreeValue(context, json);
  }
  append(line, value);
}

static JSValue console_line(JSContext *ctx, JSValueConst self, int count, JSValueConst *values,
                            int level) {
  (void)ctx, (void)self;
  /* Not static: a toString or toJSON may itself write to the console. */
  struct text line = {.limit = LINE_LIMIT};
  for (int i = 0; i < count && !line.overflowed; i++) {
    if (i) text_put_char(&line, ' ');
    append_argument(&line, values[i]);
  }
  engine_log((enum level)level, line.bytes, line.length);
  free(line.bytes);
  return JS_UNDEFINED;
}

static void define_console(JSValueConst global) {
  static const struct {
    const char *name;
    enum level level;
  } methods[] = {{"log", LEVEL_INFO},
                 {"info", LEVEL_INFO},
                 {"debug", LEVEL_DEBUG},
                 {"warn", LEVEL_WARN},
                 {"error", LEVEL_ERROR}};
  JSValue console = JS_NewObject(context);
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
    JSValue method = JS_NewCFunctionMagic(context, console_line, methods[i].name, 1,
                                          JS_CFUNC_generic_magic, methods[i].level);
    JS_SetPropertyStr(context, console, methods[i].name, method);
  }
  JS_SetPropertyStr(context, global, "console", console);
}

/* Promises: nothing here takes time, so whatever can be settled is settled before the answer. */

static int run_jobs(void) {
  JSContext *ran;
  int left;
  while ((left = JS_ExecutePendingJob(runtime, &ran)) > 0) continue;
  return left;
}

static JSValue settled(JSValue value) {
  /* Jobs may throw and catch, and would take the handler's exception for theirs. */
  JSValue thrown = JS_IsException(value) ? JS_GetException(context) : JS_UNINITIALIZED;
  if (run_jobs() < 0) {
    JS_FreeValue(context, value);
    JS_FreeValue(context, thrown);
    return JS_EXCEPTION;
  }
  if (JS_IsException(value)) return JS_Throw(context, thrown);
  switch (JS_PromiseState(context, value)) {
    case JS_PROMISE_FULFILLED: {
      JSValue result = JS_PromiseResult(context, value);
      JS_FreeValue(context, value);
      return result;
    }
    case JS_PROMISE_REJECTED: {
      JSValue reason = JS_PromiseResult(context, value);
      JS_FreeValue(context, value);
      return JS_Throw(context, reason);
    }
    case JS_PROMISE_PENDING:
      JS_FreeValue(context, value);
      return JS_ThrowTypeError(context, "the handler returned a promise that is never settled");
    default:
      return value;
  }
}

/* The exports. */

/* For the runtime itself; everything else it takes from memory.h directly (memory.patch). */
static void *calloc_runtime(void *opaque, size_t count, size_t size) {
  (void)opaque;
  return memory_calloc(count * size);
}

static int start(void) {
  if (runtime) return 1;
  static const JSMallocFunctions functions = {.js_calloc = calloc_runtime,
                                              .js_malloc_usable_size = memory_usable_size};
  runtime = JS_NewRuntime2(&functions, NULL);
  if (!runtime) return 0;
  JS_SetMaxStackSize(runtime, STACK_SIZE);
  context = JS_NewContext(runtime);
  if (!context) return 0;
  JSValue global = JS_GetGlobalObject(context);
  define_console(global);
  JS_FreeValue(context, global);
  return 1;
}

/* By name as the script would: a const or a class at its top is no property of the global object. */
static JSValue handler(const char *expression) {
  JSValue found = JS_Eval(context, expression, strlen(expression), "handler", JS_EVAL_TYPE_GLOBAL);
  if (JS_IsException(found)) JS_FreeValue(context, JS_GetException(context));
  return found;
}

EXPORT(load) int load(const char *name_and_source, size_t length) {
  const char *source = name_and_source + strlen(name_and_source) + 1;
  size_t source_length = length - (size_t)(source - name_and_source) - 1;
  engine_out_of_memory = 0;
  if (!start()) {
    fail_with("the engine cannot be started in so little memory");
    return LOAD_FAILED;
  }
  JSValue done = JS_Eval(context, source, source_length, name_and_source,
                         JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_STRICT);
  if (JS_IsException(done) || run_jobs() < 0) {
    fail();
    return LOAD_FAILED;
  }
  JS_FreeValue(context, done);
  on_request_headers = handler("typeof on_request_headers === 'function' && on_request_headers");
  on_response_headers = handler("typeof on_response_headers === 'function' && on_response_headers");
  return (JS_IsFunction(context, on_request_headers) ? HANDLES_REQUEST_HEADERS : 0) |
         (JS_IsFunction(context, on_response_headers) ? HANDLES_RESPONSE_HEADERS : 0);
}

static uint64_t handle(JSValueConst function, const char *event, size_t length) {
  engine_out_of_memory = 0;
  if (!JS_IsFunction(context, function)) return 0;
  JSValue argument = JS_ParseEvent(context, event, length, "event");
  if (JS_IsException(argument)) return fail();
  JSValue returned = settled(JS_Call(context, function, JS_UNDEFINED, 1, &argument));
  JS_FreeValue(context, argument);
  if (JS_IsException(returned)) return fail();
  if (JS_IsNull(returned) || JS_IsUndefined(returned)) return 0;
  if (!JS_IsObject(returned)) {
    JS_FreeValue(context, returned);
    return fail_with("the handler returned no object and no null");
  }
  text_clear(&engine_result);
  int written = write_decision(context, returned, &engine_result);
  JS_FreeValue(context, returned);
  if (written < 0) return fail();
  if (engine_result.overflowed) return fail_with("the decision is too large");
  return engine_packed_result();
}

EXPORT(on_request_headers) uint64_t request_headers(const char *event, size_t length) {
  return handle(on_request_headers, event, length);
}

EXPORT(on_response_headers) uint64_t response_headers(const char *event, size_t length) {
  return handle(on_response_headers, event, length);
}
