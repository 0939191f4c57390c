;; alloc calls clock_time_get. Legal: OK, its answer is good (proxy-wasm forbids such calls, this
;; ABI does not).
(module
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 16) "{\"decision\":\"allow\",\"tags\":[\"good\"]}")

  (func (export "alloc") (param $size i32) (result i32)
    (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 4096)))
    (i32.const 65536))

  (func (export "dealloc") (param $ptr i32) (param $size i32))

  (func (export "on_request_headers") (param $ptr i32) (param $len i32) (result i64)
    (i64.const 0x10_00000024)))
