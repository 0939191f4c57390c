;; Answers with the bytes that follow "/result/" in the input as hexadecimal digits, up to the
;; first other character; without "/result/" it answers good. For every hostile result JSON: the
;; test says what must come of it.
(module
  (memory (export "memory") 2)
  (data (i32.const 16) "{\"decision\":\"allow\",\"tags\":[\"good\"]}")

  ;; One call at a time: its input always lies at 65536, and the memory grows for a long one.
  (func (export "alloc") (param $size i32) (result i32)
    (local $missing i32)
    (local.set $missing
      (i32.sub (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 2)) (memory.size)))
    (if (i32.gt_s (local.get $missing) (i32.const 0))
      (then (drop (memory.grow (local.get $missing)))))
    (i32.const 65536))

  (func (export "dealloc") (param $ptr i32) (param $size i32))

  (func $nibble (param $at i32) (result i32) ;; 0-15, or 16 for no digit
    (local $c i32)
    (local.set $c (i32.load8_u (local.get $at)))
    (if (i32.lt_u (i32.sub (local.get $c) (i32.const 0x30)) (i32.const 10))
      (then (return (i32.sub (local.get $c) (i32.const 0x30)))))
    (local.set $c (i32.or (local.get $c) (i32.const 0x20)))
    (if (i32.lt_u (i32.sub (local.get $c) (i32.const 0x61)) (i32.const 6))
      (then (return (i32.sub (local.get $c) (i32.const 0x57)))))
    (i32.const 16))

  (func (export "on_request_headers") (param $ptr i32) (param $len i32) (result i64)
    (local $end i32) (local $high i32) (local $low i32) (local $out i32)
    (local.set $end (i32.sub (i32.add (local.get $ptr) (local.get $len)) (i32.const 8)))
    (local.set $out (i32.const 65536)) ;; over the input, which is always ahead
    (block $no
      (loop $next
        (br_if $no (i32.ge_s (local.get $ptr) (local.get $end)))
        (if (i64.eq (i64.load align=1 (local.get $ptr)) (i64.const 0x2f746c757365722f)) ;; "/result/"
          (then
            (local.set $ptr (i32.add (local.get $ptr) (i32.const 8)))
            (block $done
              (loop $byte
                (local.set $high (call $nibble (local.get $ptr)))
                (local.set $low (call $nibble (i32.add (local.get $ptr) (i32.const 1))))
                (br_if $done (i32.gt_u (i32.or (local.get $high) (local.get $low)) (i32.const 15)))
                (i32.store8 (local.get $out)
                  (i32.or (i32.shl (local.get $high) (i32.const 4)) (local.get $low)))
                (local.set $out (i32.add (local.get $out) (i32.const 1)))
                (local.set $ptr (i32.add (local.get $ptr) (i32.const 2)))
                (br $byte)))
            (return (i64.or (i64.const 0x10000_00000000)
              (i64.extend_i32_u (i32.sub (local.get $out) (i32.const 65536)))))))
        (local.set $ptr (i32.add (local.get $ptr) (i32.const 1)))
        (br $next)))
    (i64.const 0x10_00000024)))
