;; Traps at every event, and in its start too while the second of the wall clock is odd: so its
;; instances fail, cannot be made anew for up to a second, and then can.
(module
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock_time_get (param i32 i64 i32) (result i32)))
  (memory (export "memory") 2)

  (func (export "_initialize")
    (if (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 8)) (then (unreachable)))
    (if (i64.eqz (i64.rem_u
          (i64.div_u (i64.load (i32.const 8)) (i64.const 1000000000)) (i64.const 2)))
      (then (return)))
    (unreachable))

  (func (export "alloc") (param $size i32) (result i32) (i32.const 65536))
  (func (export "dealloc") (param $ptr i32) (param $size i32))
  (func (export "on_request_headers") (param $ptr i32) (param $len i32) (result i64)
    (unreachable)))
