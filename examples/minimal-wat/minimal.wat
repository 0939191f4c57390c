;; The smallest useful module: allows every request, tags it and adds a request header.
;;
;; It never looks at the event, so its verdict is a constant. What remains is the part that every
;; module needs: a memory, an allocator and a handler. A module without `on_response_headers` is
;; not asked about responses.

(module
  ;; 64 KiB to begin with; `alloc` grows it when an event needs more, up to 16 MiB.
  (memory (export "memory") 1 256)

  ;; The verdict, at address 16. Its length stands in `on_request_headers`: change both together.
  (data (i32.const 16)
    "{\"decision\":\"allow\","
    "\"add_request_headers\":{\"x-minimal\":\"seen\"},"
    "\"tags\":[\"minimal\"]}")

  ;; Everything from here on is for the host's buffers.
  (global $heap i32 (i32.const 1024))

  (global $next (mut i32) (i32.const 1024))   ;; where the next buffer begins
  (global $lent (mut i32) (i32.const 0))      ;; buffers that the host has not given back yet

  ;; Lends the host `size` bytes: the next ones that are free. 0 says that there are none.
  (func (export "alloc") (param $size i32) (result i32)
    (local $begin i32) (local $end i64) (local $missing i64)
    (local.set $begin (global.get $next))
    ;; 64 bits, so that a huge size cannot wrap around.
    (local.set $end (i64.add (i64.extend_i32_u (local.get $begin))
                             (i64.extend_i32_u (local.get $size))))
    ;; The memory ends too early by so many bytes:
    (local.set $missing (i64.sub (local.get $end)
                                 (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16))))
    (if (i64.gt_s (local.get $missing) (i64.const 0))
      (then
        ;; Whole pages of 64 KiB, rounded up. -1 is a refusal.
        (if (i32.eq (i32.const -1)
                    (memory.grow (i32.wrap_i64 (i64.shr_u (i64.add (local.get $missing) (i64.const 65535))
                                                          (i64.const 16)))))
          (then (return (i32.const 0))))))
    (global.set $next (i32.wrap_i64 (local.get $end)))
    (global.set $lent (i32.add (global.get $lent) (i32.const 1)))
    (local.get $begin))

  ;; Takes a buffer back. When the last one is back, all the space is free again: this is why the
  ;; memory does not fill up although single buffers are never reused.
  (func (export "dealloc") (param $ptr i32) (param $size i32)
    ;; The host gives every buffer back, the constant verdict as well. That one was not lent.
    (if (i32.lt_u (local.get $ptr) (global.get $heap)) (then (return)))
    (if (i32.eqz (global.get $lent)) (then (return)))
    (global.set $lent (i32.sub (global.get $lent) (i32.const 1)))
    (if (i32.eqz (global.get $lent))
      (then (global.set $next (global.get $heap)))))

  ;; The host calls this with the event's JSON at `ptr`, `len` bytes long. The answer is the
  ;; verdict's address in the upper half and its length in the lower half of an i64.
  (func (export "on_request_headers") (param $ptr i32) (param $len i32) (result i64)
    (i64.or (i64.shl (i64.const 16) (i64.const 32))
            (i64.const 82)))
)
