;; Returns an allow whose unknown key holds 50,000 nested objects. F: an ignored value has its
;; depth checked too.
(module
  (memory (export "memory") 2)
  (data (i32.const 16) "{\"decision\":\"allow\",\"tags\":[\"good\"]}")
  (data (i32.const 64) "{\"decision\":\"allow\",\"x\":")

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
        (drop (memory.grow (i32.const 8)))
        (memory.copy (local.get $out) (i32.const 64) (i32.const 24))
        (local.set $out (i32.add (local.get $out) (i32.const 24)))
        (local.set $n (i32.const 50000))
        (loop $open ;; {"":
          (i32.store align=1 (local.get $out) (i32.const 0x3a22227b))
          (local.set $out (i32.add (local.get $out) (i32.const 4)))
          (br_if $open (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (i32.store8 (local.get $out) (i32.const 0x30))
        (memory.fill (i32.add (local.get $out) (i32.const 1)) (i32.const 0x7d) (i32.const 50001))
        (return (i64.or (i64.const 0x20000_00000000)
          (i64.extend_i32_u
            (i32.sub (i32.add (local.get $out) (i32.const 50002)) (i32.const 0x20000)))))))
    (i64.const 0x10_00000024)))
