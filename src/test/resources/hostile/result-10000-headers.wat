;; Returns an allow that adds ten thousand headers, X-0000 to X-9999. F: over the cap for header
;; operations.
(module
  (memory (export "memory") 2)
  (data (i32.const 16) "{\"decision\":\"allow\",\"tags\":[\"good\"]}")
  (data (i32.const 64) "{\"decision\":\"allow\",\"add_request_headers\":{")
  (data (i32.const 256) "\"X-0000\":\"v\",")

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
    (local $out i32) (local $n i32)
    (if (call $sin (local.get $ptr) (local.get $len))
      (then
        (drop (memory.grow (i32.const 4)))
        (memory.copy (local.tee $out (i32.const 0x20000)) (i32.const 64) (i32.const 43))
        (local.set $out (i32.add (local.get $out) (i32.const 43)))
        (loop $header ;; "X-0000":"v",
          (memory.copy (local.get $out) (i32.const 256) (i32.const 13))
          (i32.store8 offset=3 (local.get $out) (i32.add (i32.const 0x30) (i32.div_u (local.get $n) (i32.const 1000))))
          (i32.store8 offset=4 (local.get $out) (i32.add (i32.const 0x30) (i32.rem_u (i32.div_u (local.get $n) (i32.const 100)) (i32.const 10))))
          (i32.store8 offset=5 (local.get $out) (i32.add (i32.const 0x30) (i32.rem_u (i32.div_u (local.get $n) (i32.const 10)) (i32.const 10))))
          (i32.store8 offset=6 (local.get $out) (i32.add (i32.const 0x30) (i32.rem_u (local.get $n) (i32.const 10))))
          (local.set $out (i32.add (local.get $out) (i32.const 13)))
          (br_if $header (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 10000))))
        (i32.store16 align=1 (i32.sub (local.get $out) (i32.const 1)) (i32.const 0x7d7d))
        (return (i64.or (i64.const 0x20000_00000000)
          (i64.extend_i32_u (i32.sub (i32.add (local.get $out) (i32.const 1)) (i32.const 0x20000)))))))
    (i64.const 0x10_00000024)))
