;; Waits for a second in its start, and allows everything then.
(module
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; One subscription: the monotonic clock, 1,000,000,000 ns from now.
  (data (i32.const 16) "\01\00\00\00")
  (data (i32.const 24) "\00\ca\9a\3b\00\00\00\00")
  (func (export "_initialize")
    (drop (call $poll_oneoff (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))))
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "dealloc") (param i32 i32))
  (func (export "on_request_headers") (param i32 i32) (result i64) (i64.const 0)))
