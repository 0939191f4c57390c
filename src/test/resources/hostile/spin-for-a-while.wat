;; Spins for N rounds of a thousand steps where the input contains "/spin/N", N in up to nine
;; digits, then answers with the tag spun; else answers good. For calls that end exactly at the
;; deadline: the test finds the N. OK, or F where the deadline was before the end; never a wrong
;; answer to the next call.
(module
  (memory (export "memory") 2)
  (data (i32.const 16) "{\"decision\":\"allow\",\"tags\":[\"good\"]}")
  (data (i32.const 64) "{\"decision\":\"allow\",\"tags\":[\"spun\"]}")

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
    (local $end i32) (local $rounds i32) (local $steps i32) (local $digit i32)
    (local.set $end (i32.sub (i32.add (local.get $ptr) (local.get $len)) (i32.const 15)))
    (block $no
      (loop $next
        (br_if $no (i32.ge_s (local.get $ptr) (local.get $end)))
        (if (i64.eq ;; "/spin/"
              (i64.and (i64.load align=1 (local.get $ptr)) (i64.const 0x0000ffffffffffff))
              (i64.const 0x00002f6e6970732f))
          (then
            (local.set $ptr (i32.add (local.get $ptr) (i32.const 6)))
            (block $counted
              (loop $digits
                (local.set $digit (i32.sub (i32.load8_u (local.get $ptr)) (i32.const 0x30)))
                (br_if $counted (i32.gt_u (local.get $digit) (i32.const 9)))
                (local.set $rounds
                  (i32.add (i32.mul (local.get $rounds) (i32.const 10)) (local.get $digit)))
                (local.set $ptr (i32.add (local.get $ptr) (i32.const 1)))
                (br $digits)))
            (block $done
              (loop $round
                (br_if $done (i32.eqz (local.get $rounds)))
                (local.set $steps (i32.const 1000))
                (loop $step
                  (br_if $step
                    (local.tee $steps (i32.sub (local.get $steps) (i32.const 1)))))
                (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
                (br $round)))
            (return (i64.const 0x40_00000024))))
        (local.set $ptr (i32.add (local.get $ptr) (i32.const 1)))
        (br $next)))
    (i64.const 0x10_00000024)))
