;; Exports its memory by the name of the handler too. L: refused at load, naming the export.
(module
  (memory (export "memory") (export "on_request_headers") 2)
  (func (export "alloc") (param $size i32) (result i32) (i32.const 65536))
  (func (export "dealloc") (param $ptr i32) (param $size i32))
)
