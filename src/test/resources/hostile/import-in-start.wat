;; Calls poll_oneoff for an hour in the start section. L: refused at load, within 5 s.
(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 16) "{\"decision\":\"allow\",\"tags\":[\"good\"]}")
  (func $begin
    (i32.store (i32.const 4112) (i32.const 1))
    (i64.store (i32.const 4120) (i64.const 3600000000000))
    (loop $forever
      (drop (call $poll (i32.const 4096) (i32.const 8192) (i32.const 1) (i32.const 12288)))
      (br $forever)))
  (start $begin)

  ;; One call at a time: its input always lies at 65536, and the memory grows for a long one.
  (func (export "alloc") (param $size i32) (result i32)
    (local $missing i32)
    (local.set $missing
      (i32.sub (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 2)) (memory.size)))
    (if (i32.gt_s (local.get $missing) (i32.const 0))
      (then (drop (memory.grow (local.get $missing)))))
    (i32.const 65536))

  (func (export "dealloc") (param $ptr i32) (param $size i32))

  (func (export "on_request_headers") (param $ptr i32) (param $len i32) (result i64)
    (i64.const 0x10_00000024)))
