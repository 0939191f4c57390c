;; Writes a secret into its memory, a global and a table, drops its data and element segments, and
;; traps. F; the next instance must know nothing of it: its answer is tagged good, else leaked.
(module
  (memory (export "memory") 2)
  (data (i32.const 16) "{\"decision\":\"allow\",\"tags\":[\"good\"]}")
  (data (i32.const 64) "{\"decision\":\"allow\",\"tags\":[\"leaked\"]}")
  (global $secret (mut i32) (i32.const 0))
  (table $t 2 funcref)
  (func $keeper)
  (elem $passive func $keeper)
  (data $passive "kept")

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
        (i32.store (i32.const 4096) (i32.const 0x5ec3e7))
        (global.set $secret (i32.const 0x5ec3e7))
        (table.set $t (i32.const 0) (ref.func $keeper))
        (data.drop $passive)
        (elem.drop $passive)
        (unreachable)))
    (if (i32.or (i32.load (i32.const 4096))
        (i32.or (global.get $secret)
                (i32.eqz (ref.is_null (table.get $t (i32.const 0))))))
      (then (return (i64.const 0x40_00000026))))
    ;; Both trap where the segment was dropped in another instance.
    (memory.init $passive (i32.const 8192) (i32.const 0) (i32.const 4))
    (table.init $t $passive (i32.const 1) (i32.const 0) (i32.const 1))
    (i64.const 0x10_00000024)))
