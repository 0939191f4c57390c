/*
 * The fields of a decision as JSON. Only they are read, not what else an object may hold: no toJSON
 * of the script's is asked, and nothing has to be walked that nobody will read.
 */
#include "decision.h"

/* A list of texts in a field; deeper things are null. */
#define MAX_DEPTH 2

/* Far above what the agent takes, and far below what a proxy object may pretend to have. */
#define MOST_ENTRIES 1000

static const char *const FIELDS[] = {"decision",
                                     "status",
                                     "body",
                                     "add_request_headers",
                                     "remove_request_headers",
                                     "add_response_headers",
                                     "remove_response_headers",
                                     "tags"};

#define FIELD_COUNT (sizeof FIELDS / sizeof *FIELDS)

static int write_value(JSContext *context, JSValueConst value, struct text *into, int depth);

static int write_string(JSContext *context, JSValueConst value, struct text *into) {
  size_t length;
  const char *bytes = JS_ToCStringLen(context, &length, value);
  if (!bytes) return -1;
  text_put_json(into, bytes, length);
  JS_FreeCString(context, bytes);
  return 0;
}

static int write_list(JSContext *context, JSValueConst list, struct text *into, int depth) {
  int64_t length;
  if (JS_GetLength(context, list, &length) < 0) return -1;
  if (length > MOST_ENTRIES) into->overflowed = 1;
  text_put_char(into, '[');
  for (int64_t i = 0; i < length && !into->overflowed; i++) {
    if (i) text_put_char(into, ',');
    JSValue item = JS_GetPropertyInt64(context, list, i);
    int written = write_value(context, item, into, depth);
    JS_FreeValue(context, item);
    if (written < 0) return -1;
  }
  text_put_char(into, ']');
  return 0;
}

static int write_member(JSContext *context, JSValueConst object, JSAtom name, struct text *into,
                        int depth) {
  JSValue key = JS_AtomToString(context, name);
  int written = JS_IsException(key) ? -1 : write_string(context, key, into);
  JS_FreeValue(context, key);
  if (written < 0) return -1;
  text_put_char(into, ':');
  JSValue value = JS_GetProperty(context, object, name);
  written = write_value(context, value, into, depth);
  JS_FreeValue(context, value);
  return written;
}

static int write_map(JSContext *context, JSValueConst object, struct text *into, int depth) {
  JSPropertyEnum *names;
  uint32_t count;
  if (JS_GetOwnPropertyNames(context, &names, &count, object,
                             JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) < 0) {
    return -1;
  }
  int written = 0;
  if (count > MOST_ENTRIES) into->overflowed = 1;
  text_put_char(into, '{');
  for (uint32_t i = 0; i < count && written == 0 && !into->overflowed; i++) {
    if (i) text_put_char(into, ',');
    written = write_member(context, object, names[i].atom, into, depth);
  }
  text_put_char(into, '}');
  JS_FreePropertyEnum(context, names, count);
  return written;
}

static int write_value(JSContext *context, JSValueConst value, struct text *into, int depth) {
  if (JS_IsException(value)) return -1;
  if (JS_IsString(value)) return write_string(context, value, into);
  if (JS_IsBool(value)) {
    text_puts(into, JS_VALUE_GET_BOOL(value) ? "true" : "false");
  } else if (JS_IsNumber(value)) {
    double number;
    JS_ToFloat64(context, &number, value);
    text_put_number(into, number);
  } else if (JS_IsObject(value) && depth < MAX_DEPTH) {
    int list = JS_IsArray(context, value);
    if (list < 0) return -1; /* a revoked proxy */
    return list ? write_list(context, value, into, depth + 1)
                : write_map(context, value, into, depth + 1);
  } else {
    text_puts(into, "null");
  }
  return 0;
}

int write_decision(JSContext *context, JSValueConst decision, struct text *into) {
  static JSAtom names[FIELD_COUNT]; /* there is one context */
  int first = 1;
  text_put_char(into, '{');
  for (size_t i = 0; i < FIELD_COUNT; i++) {
    if (!names[i] && !(names[i] = JS_NewAtom(context, FIELDS[i]))) return -1;
    JSValue value = JS_GetProperty(context, decision, names[i]);
    if (JS_IsUndefined(value) || JS_IsNull(value)) continue;
    if (!first) text_put_char(into, ',');
    first = 0;
    text_put_json(into, FIELDS[i], __builtin_strlen(FIELDS[i]));
    text_put_char(into, ':');
    int written = write_value(context, value, into, 1);
    JS_FreeValue(context, value);
    if (written < 0) return -1;
  }
  text_put_char(into, '}');
  return 0;
}
