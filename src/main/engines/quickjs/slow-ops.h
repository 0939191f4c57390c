/*
 * QuickJS's interpreter loop in two halves: in the loop itself only what policies do all the time,
 * in js_slow_op() the rest, one operation a call. As a single function it is one method of 32 KB to
 * the JVM, whose compiler takes many seconds for it, inlines nothing into it, and fails at it the
 * second time. See "Why is QuickJS's loop in two halves?" in RATIONALE.md.
 *
 * interpreter-loop.patch includes this file, and takes the operations out of quickjs.c twice.
 */

/* Whether the loop itself does it. Constant, so that each half is compiled without the other's. */
#define JS_IN_LOOP(op) \
  ((op) == OP_push_i32 || (op) == OP_push_const || (op) == OP_push_const8 || \
   ((op) >= OP_push_minus1 && (op) <= OP_push_i16) || (op) == OP_push_atom_value || \
   (op) == OP_undefined || (op) == OP_null || (op) == OP_push_false || (op) == OP_push_true || \
   (op) == OP_drop || (op) == OP_dup || (op) == OP_call || (op) == OP_tail_call || \
   ((op) >= OP_call0 && (op) <= OP_call3) || (op) == OP_call_method || \
   (op) == OP_tail_call_method || (op) == OP_return || (op) == OP_return_undef || \
   (op) == OP_get_var || (op) == OP_get_var_undef || \
   ((op) >= OP_get_loc && (op) <= OP_put_loc_check) || \
   ((op) >= OP_get_loc8 && (op) <= OP_set_var_ref3) || (op) == OP_get_var_ref_check || \
   (op) == OP_if_false || (op) == OP_if_true || (op) == OP_goto || \
   ((op) >= OP_if_false8 && (op) <= OP_goto16) || (op) == OP_lnot || (op) == OP_get_field || \
   (op) == OP_get_field2 || (op) == OP_get_field_ic || (op) == OP_get_field2_ic || \
   (op) == OP_get_array_el || (op) == OP_get_length || (op) == OP_add || (op) == OP_inc || \
   (op) == OP_inc_loc || ((op) >= OP_lt && (op) <= OP_gte) || \
   ((op) >= OP_eq && (op) <= OP_strict_neq) || (op) == OP_is_undefined_or_null || \
   (op) == OP_is_undefined || (op) == OP_is_null || (op) == OP_yield || \
   (op) == OP_yield_star || (op) == OP_async_yield_star || (op) == OP_await || \
   (op) == OP_return_async || (op) == OP_initial_yield)

/* What js_slow_op() says of an exception, beside the stack pointer, whose lowest bits are 0. */
#define JS_SLOW_OP_THREW 1

static inline uint64_t js_after_slow_op(const JSValue *sp, const uint8_t *pc, unsigned threw) {
  return (uint64_t)((uintptr_t)sp | threw) << 32 | (uintptr_t)pc;
}

/* Does the operation before pc; returns where the stack and the function then are. */
static no_inline uint64_t js_slow_op(JSContext *caller_ctx, JSStackFrame *sf, JSValue *sp,
                                     uint8_t *pc, unsigned op, JSValue this_obj,
                                     JSValue new_target, int argc, JSValue *argv) {
  JSRuntime *rt = caller_ctx->rt;
  JSObject *p = JS_VALUE_GET_OBJ(sf->cur_func);
  JSFunctionBytecode *b = p->u.func.function_bytecode;
  JSVarRef **var_refs = p->u.func.var_refs;
  JSContext *ctx = b->realm;
  JSInlineCache *ic = b->ic;
  JSValue *var_buf = sf->var_buf, *arg_buf = sf->arg_buf, *stack_buf = var_buf + b->var_count;
  JSValue ret_val, *pval;
  int opcode = (uint8_t)op, i;

#define SWITCH(pc) switch (opcode)
#define CASE(op) case JS_IN_LOOP(op) ? (op) + 256 : (op)
#define DEFAULT default
#define BREAK return js_after_slow_op(sp, pc, 0)
#define JS_ONLY_OPS
  for (;;) {
#include "quickjs.c"
  }
#undef JS_ONLY_OPS
#undef SWITCH
#undef CASE
#undef DEFAULT
#undef BREAK

exception:
  return js_after_slow_op(sp, pc, JS_SLOW_OP_THREW);
done:
done_generator: /* in the loop's half */
  abort();
}

/* The loop's half. */
#define SWITCH(pc) switch (opcode = *pc++)
#define CASE(op) case JS_IN_LOOP(op) ? (op) : (op) + 256
#define DEFAULT                                                                               \
  default: {                                                                                  \
    uint64_t after =                                                                          \
        js_slow_op(caller_ctx, sf, sp, pc, opcode, this_obj, new_target, argc, argv);         \
    pc = (uint8_t *)(uintptr_t)(uint32_t)after;                                               \
    sp = (JSValue *)(uintptr_t)((uint32_t)(after >> 32) & ~JS_SLOW_OP_THREW);                 \
    if (after >> 32 & JS_SLOW_OP_THREW) goto exception;                                       \
    break;                                                                                    \
  }                                                                                           \
  not_an_operation
#define BREAK break
