;; fd_write of 2^31-1 buffers, and of one buffer of 2^31-1 bytes. F, trap: nothing of that size is
;; allocated, and the module is told to be wrong.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 16) "{\"decision\":\"allow\",\"tags\":[\"good\"]}")
  (data (i32.const 64) "{\"decision\":\"allow\",\"tags\":[\"survived\"]}")

  ;; One call at a time: its input always lies at 65536, and the memory grows for a long one.
  (func (export "alloc") (param $size i32) (result i32)
    (local $missing i32)
    (local.set $missing
      (i32.sub (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 2)) (memory.size)))
    (if (i32.gt_s (local.get $missing) (i32.const 0))
      (then (drop (memory.grow (local.get $missing)))))
    (i32.const 65536))

  (func (export "dealloc") (param $ptr i32) (param $size i32))

  ;; Are the four bytes "/sin" anywhere in the input?
  (func $sin (param $ptr i32) (param $len i32) (result i32)
    (local $end i32)
    (local.set $end (i32.sub (i32.add (local.get $ptr) (local.get $len)) (i32.const 3)))
    (block $no
      (loop $next
        (br_if $no (i32.ge_u (local.get $ptr) (local.get $end)))
        (if (i32.eq (i32.load align=1 (local.get $ptr)) (i32.const 0x6e69732f))
          (then (return (i32.const 1))))
        (local.set $ptr (i32.add (local.get $ptr) (i32.const 1)))
        (br $next)))
    (i32.const 0))

  (func (export "on_request_headers") (param $ptr i32) (param $len i32) (result i64)
    (if (call $sin (local.get $ptr) (local.get $len))
      (then
        (drop (call $write (i32.const 2) (i32.const 4096) (i32.const 0x7fffffff) (i32.const 4104)))
        (i32.store (i32.const 4100) (i32.const 0x7fffffff))
        (drop (call $write (i32.const 2) (i32.const 4096) (i32.const 1) (i32.const 4104)))
        (return (i64.const 0x40_00000028))))
    (i64.const 0x10_00000024)))
