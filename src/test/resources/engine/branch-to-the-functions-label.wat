;; Blocks: the handler leaves its last block for the function's own label, and what it returns is
;; above a value that lies below the block. The engine's compiler took the lower one: allow.
(module
  (memory (export "memory") 1)
  (data (i32.const 64) "{\"decision\":\"block\",\"status\":403}")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "dealloc") (param i32 i32))
  (func (export "on_request_headers") (param i32 i32) (result i64)
    (i64.const 0)
    (block
      (i64.const 0x4000000021)
      (br 1)))
  ;; The same by a table, after a block in which the engine's compiler lost its way.
  (func (export "on_response_headers") (param i32 i32) (result i64)
    (block
      (br_if 1 (i64.const 0x4000000021) (local.get 0))
      (drop))
    (i64.const 0)
    (block
      (i64.const 0)
      (br_table 1 1 (local.get 0)))))
