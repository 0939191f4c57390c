;; Stores a byte at 2^32 - 1 + 2048, which is no address. The engine's interpreter stored at 2047.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "dealloc") (param i32 i32))
  (func (export "on_request_headers") (param i32 i32) (result i64)
    (i32.store8 offset=2048 (i32.const -1) (i32.const 7))
    (i64.const 0))
  (func (export "on_response_headers") (param i32 i32) (result i64)
    (i64.store8 offset=2048 (i32.const -1) (i64.const 7))
    (i64.const 0)))
