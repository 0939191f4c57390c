;; Loops for ever in alloc when more than 4096 bytes are asked for: send a long request. F: the
;; failure policy answers by the deadline.
(module
  (memory (export "memory") 2)
  (data (i32.const 16) "{\"decision\":\"allow\",\"tags\":[\"good\"]}")

  ;; A long input gets the sin.
  (func (export "alloc") (param $size i32) (result i32)
    (if (i32.gt_u (local.get $size) (i32.const 4096))
      (then (loop $forever (br $forever))))
    (i32.const 65536))

  (func (export "dealloc") (param $ptr i32) (param $size i32))

  (func (export "on_request_headers") (param $ptr i32) (param $len i32) (result i64)
    (i64.const 0x10_00000024)))
