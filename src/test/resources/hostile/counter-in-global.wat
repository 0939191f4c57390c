;; Counts its calls in a global: the answer's tag is count-0001 in the first call of an instance,
;; then count-0002 and so on, to count-9999. Legal: OK. With pooled instances the count goes on
;; from call to call, with a fresh state for each call it stays at 0001.
(module
  (memory (export "memory") 2)
  (data (i32.const 16) "{\"decision\":\"allow\",\"tags\":[\"good\"]}")
  (data (i32.const 64) "{\"decision\":\"allow\",\"tags\":[\"count-0000\"]}")
  (global $calls (mut i32) (i32.const 0))

  ;; One call at a time: its input always lies at 65536, and the memory grows for a long one.
  (func (export "alloc") (param $size i32) (result i32)
    (local $missing i32)
    (local.set $missing
      (i32.sub (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 2)) (memory.size)))
    (if (i32.gt_s (local.get $missing) (i32.const 0))
      (then (drop (memory.grow (local.get $missing)))))
    (i32.const 65536))

  (func (export "dealloc") (param $ptr i32) (param $size i32))

  (func $digit (param $at i32) (param $value i32)
    (i32.store8 (local.get $at)
      (i32.add (i32.const 0x30) (i32.rem_u (local.get $value) (i32.const 10)))))
  (func (export "on_request_headers") (param $ptr i32) (param $len i32) (result i64)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (call $digit (i32.const 99) (i32.div_u (global.get $calls) (i32.const 1000)))
    (call $digit (i32.const 100) (i32.div_u (global.get $calls) (i32.const 100)))
    (call $digit (i32.const 101) (i32.div_u (global.get $calls) (i32.const 10)))
    (call $digit (i32.const 102) (global.get $calls))
    (i64.const 0x40_0000002a)))
