;; Answers with the tag fresh where it finds itself as it was after its start, and used where it
;; does not; then it changes all that a module can change: memory and its size, a second memory, a
;; global, a table and its size, and which segments it has dropped.
(module
  (memory $main (export "memory") 2)
  (memory $second 1)
  (data (memory $main) (i32.const 16) "{\"decision\":\"allow\",\"tags\":[\"fresh\"]}")
  (data (memory $main) (i32.const 64) "{\"decision\":\"allow\",\"tags\":[\"used\"]}")
  (data $passive "kept")
  (global $calls (mut i64) (i64.const -1))
  (table $t 2 10 funcref)
  (func $keeper)
  (elem $segment func $keeper)

  (func (export "_initialize")
    (global.set $calls (i64.const 0))
    (i32.store $main (i32.const 200) (i32.const 1)))

  (func (export "alloc") (param $size i32) (result i32) (i32.const 65536))
  (func (export "dealloc") (param $ptr i32) (param $size i32))

  (func $is_fresh (result i32)
    (if (i64.ne (global.get $calls) (i64.const 0)) (then (return (i32.const 0))))
    (if (i32.ne (i32.load $main (i32.const 200)) (i32.const 1)) (then (return (i32.const 0))))
    (if (i32.ne (i32.load $main (i32.const 131068)) (i32.const 0)) (then (return (i32.const 0))))
    (if (i32.ne (memory.size $main) (i32.const 2)) (then (return (i32.const 0))))
    (if (i32.ne (memory.size $second) (i32.const 1)) (then (return (i32.const 0))))
    (if (i32.load $second (i32.const 100)) (then (return (i32.const 0))))
    (if (i32.ne (table.size $t) (i32.const 2)) (then (return (i32.const 0))))
    (if (i32.eqz (ref.is_null (table.get $t (i32.const 0)))) (then (return (i32.const 0))))
    (i32.const 1))

  (func (export "on_request_headers") (param $ptr i32) (param $len i32) (result i64)
    (local $answer i64)
    (local.set $answer
      (select (i64.const 0x10_00000025) (i64.const 0x40_00000024) (call $is_fresh)))
    ;; Both trap where the segment has been dropped.
    (memory.init $main $passive (i32.const 8192) (i32.const 0) (i32.const 4))
    (table.init $t $segment (i32.const 0) (i32.const 0) (i32.const 1))
    (global.set $calls (i64.add (global.get $calls) (i64.const 1)))
    (i32.store $main (i32.const 200) (i32.const 2))
    (i32.store $main (i32.const 131068) (i32.const 7))
    (i32.store $second (i32.const 100) (i32.const 7))
    (drop (memory.grow $main (i32.const 3)))
    (drop (memory.grow $second (i32.const 2)))
    (drop (table.grow $t (ref.func $keeper) (i32.const 3)))
    (data.drop $passive)
    (elem.drop $segment)
    (local.get $answer)))
