;; Stores at 2^32 - 1 + 2048, which is no address, with the instruction that the response's status
;; chooses. The engine's interpreter stored at 2047.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "dealloc") (param i32 i32))
  ;; The input is {"status":100,…: the first digit chooses.
  (func (export "on_response_headers") (param i32 i32) (result i64)
    (block $third
      (block $second
        (block $first
          (br_table $first $first $second $third
            (i32.sub (i32.load8_u offset=10 (local.get 0)) (i32.const 48))))
        (i32.store8 offset=2048 (i32.const -1) (i32.const 7))
        (return (i64.const 0)))
      (i64.store8 offset=2048 (i32.const -1) (i64.const 7))
      (return (i64.const 0)))
    (i64.store32 offset=2048 (i32.const -1) (i64.const 7))
    (i64.const 0)))
