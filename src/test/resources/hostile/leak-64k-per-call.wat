;; Takes a page for every input and never gives one back; traps when it gets none. Legal: OK,
;; thousands of calls in a row are answered good, the instance having been replaced in time.
(module
  (memory (export "memory") 1)
  (data (i32.const 16) "{\"decision\":\"allow\",\"tags\":[\"good\"]}")

  (func (export "alloc") (param $size i32) (result i32)
    (local $page i32)
    (local.set $page
      (memory.grow (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1))))
    (if (i32.eq (local.get $page) (i32.const -1)) (then (unreachable)))
    (i32.shl (local.get $page) (i32.const 16)))

  (func (export "dealloc") (param $ptr i32) (param $size i32))

  (func (export "on_request_headers") (param $ptr i32) (param $len i32) (result i64)
    (i64.const 0x10_00000024)))
