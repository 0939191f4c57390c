;; table.fill whose end is 2^31, beyond the table. OK: the specification has a trap for it; the
;; engine adds as int and does nothing, which harms nobody.
(module
  (memory (export "memory") 2)
  (data (i32.const 16) "{\"decision\":\"allow\",\"tags\":[\"good\"]}")
  (table $t 2 funcref)

  ;; One call at a time: its input always lies at 65536, and the memory grows for a long one.
  (func (export "alloc") (param $size i32) (result i32)
    (local $missing i32)
    (local.set $missing
      (i32.sub (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 2)) (memory.size)))
    (if (i32.gt_s (local.get $missing) (i32.const 0))
      (then (drop (memory.grow (local.get $missing)))))
    (i32.const 65536))

  (func (export "dealloc") (param $ptr i32) (param $size i32))

  ;; Are the four bytes "/sin" anywhere in the input?
  (func $sin (param $ptr i32) (param $len i32) (result i32)
    (local $end i32)
    (local.set $end (i32.sub (i32.add (local.get $ptr) (local.get $len)) (i32.const 3)))
    (block $no
      (loop $next
        (br_if $no (i32.ge_u (local.get $ptr) (local.get $end)))
        (if (i32.eq (i32.load align=1 (local.get $ptr)) (i32.const 0x6e69732f))
          (then (return (i32.const 1))))
        (local.set $ptr (i32.add (local.get $ptr) (i32.const 1)))
        (br $next)))
    (i32.const 0))

  (func (export "on_request_headers") (param $ptr i32) (param $len i32) (result i64)
    (if (call $sin (local.get $ptr) (local.get $len))
      (then
        (table.fill $t (i32.const 1) (ref.null func) (i32.const 0x7fffffff))))
    (i64.const 0x10_00000024)))
