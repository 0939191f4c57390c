;; No loop and no deep stack: 30 functions, each calling the next one 16 times. F by the deadline.
(module
  (memory (export "memory") 2)
  (data (i32.const 16) "{\"decision\":\"allow\",\"tags\":[\"good\"]}")
  (func $level1
    (call $level2) (call $level2) (call $level2) (call $level2)
    (call $level2) (call $level2) (call $level2) (call $level2)
    (call $level2) (call $level2) (call $level2) (call $level2)
    (call $level2) (call $level2) (call $level2) (call $level2))
  (func $level2
    (call $level3) (call $level3) (call $level3) (call $level3)
    (call $level3) (call $level3) (call $level3) (call $level3)
    (call $level3) (call $level3) (call $level3) (call $level3)
    (call $level3) (call $level3) (call $level3) (call $level3))
  (func $level3
    (call $level4) (call $level4) (call $level4) (call $level4)
    (call $level4) (call $level4) (call $level4) (call $level4)
    (call $level4) (call $level4) (call $level4) (call $level4)
    (call $level4) (call $level4) (call $level4) (call $level4))
  (func $level4
    (call $level5) (call $level5) (call $level5) (call $level5)
    (call $level5) (call $level5) (call $level5) (call $level5)
    (call $level5) (call $level5) (call $level5) (call $level5)
    (call $level5) (call $level5) (call $level5) (call $level5))
  (func $level5
    (call $level6) (call $level6) (call $level6) (call $level6)
    (call $level6) (call $level6) (call $level6) (call $level6)
    (call $level6) (call $level6) (call $level6) (call $level6)
    (call $level6) (call $level6) (call $level6) (call $level6))
  (func $level6
    (call $level7) (call $level7) (call $level7) (call $level7)
    (call $level7) (call $level7) (call $level7) (call $level7)
    (call $level7) (call $level7) (call $level7) (call $level7)
    (call $level7) (call $level7) (call $level7) (call $level7))
  (func $level7
    (call $level8) (call $level8) (call $level8) (call $level8)
    (call $level8) (call $level8) (call $level8) (call $level8)
    (call $level8) (call $level8) (call $level8) (call $level8)
    (call $level8) (call $level8) (call $level8) (call $level8))
  (func $level8
    (call $level9) (call $level9) (call $level9) (call $level9)
    (call $level9) (call $level9) (call $level9) (call $level9)
    (call $level9) (call $level9) (call $level9) (call $level9)
    (call $level9) (call $level9) (call $level9) (call $level9))
  (func $level9
    (call $level10) (call $level10) (call $level10) (call $level10)
    (call $level10) (call $level10) (call $level10) (call $level10)
    (call $level10) (call $level10) (call $level10) (call $level10)
    (call $level10) (call $level10) (call $level10) (call $level10))
  (func $level10
    (call $level11) (call $level11) (call $level11) (call $level11)
    (call $level11) (call $level11) (call $level11) (call $level11)
    (call $level11) (call $level11) (call $level11) (call $level11)
    (call $level11) (call $level11) (call $level11) (call $level11))
  (func $level11
    (call $level12) (call $level12) (call $level12) (call $level12)
    (call $level12) (call $level12) (call $level12) (call $level12)
    (call $level12) (call $level12) (call $level12) (call $level12)
    (call $level12) (call $level12) (call $level12) (call $level12))
  (func $level12
    (call $level13) (call $level13) (call $level13) (call $level13)
    (call $level13) (call $level13) (call $level13) (call $level13)
    (call $level13) (call $level13) (call $level13) (call $level13)
    (call $level13) (call $level13) (call $level13) (call $level13))
  (func $level13
    (call $level14) (call $level14) (call $level14) (call $level14)
    (call $level14) (call $level14) (call $level14) (call $level14)
    (call $level14) (call $level14) (call $level14) (call $level14)
    (call $level14) (call $level14) (call $level14) (call $level14))
  (func $level14
    (call $level15) (call $level15) (call $level15) (call $level15)
    (call $level15) (call $level15) (call $level15) (call $level15)
    (call $level15) (call $level15) (call $level15) (call $level15)
    (call $level15) (call $level15) (call $level15) (call $level15))
  (func $level15
    (call $level16) (call $level16) (call $level16) (call $level16)
    (call $level16) (call $level16) (call $level16) (call $level16)
    (call $level16) (call $level16) (call $level16) (call $level16)
    (call $level16) (call $level16) (call $level16) (call $level16))
  (func $level16
    (call $level17) (call $level17) (call $level17) (call $level17)
    (call $level17) (call $level17) (call $level17) (call $level17)
    (call $level17) (call $level17) (call $level17) (call $level17)
    (call $level17) (call $level17) (call $level17) (call $level17))
  (func $level17
    (call $level18) (call $level18) (call $level18) (call $level18)
    (call $level18) (call $level18) (call $level18) (call $level18)
    (call $level18) (call $level18) (call $level18) (call $level18)
    (call $level18) (call $level18) (call $level18) (call $level18))
  (func $level18
    (call $level19) (call $level19) (call $level19) (call $level19)
    (call $level19) (call $level19) (call $level19) (call $level19)
    (call $level19) (call $level19) (call $level19) (call $level19)
    (call $level19) (call $level19) (call $level19) (call $level19))
  (func $level19
    (call $level20) (call $level20) (call $level20) (call $level20)
    (call $level20) (call $level20) (call $level20) (call $level20)
    (call $level20) (call $level20) (call $level20) (call $level20)
    (call $level20) (call $level20) (call $level20) (call $level20))
  (func $level20
    (call $level21) (call $level21) (call $level21) (call $level21)
    (call $level21) (call $level21) (call $level21) (call $level21)
    (call $level21) (call $level21) (call $level21) (call $level21)
    (call $level21) (call $level21) (call $level21) (call $level21))
  (func $level21
    (call $level22) (call $level22) (call $level22) (call $level22)
    (call $level22) (call $level22) (call $level22) (call $level22)
    (call $level22) (call $level22) (call $level22) (call $level22)
    (call $level22) (call $level22) (call $level22) (call $level22))
  (func $level22
    (call $level23) (call $level23) (call $level23) (call $level23)
    (call $level23) (call $level23) (call $level23) (call $level23)
    (call $level23) (call $level23) (call $level23) (call $level23)
    (call $level23) (call $level23) (call $level23) (call $level23))
  (func $level23
    (call $level24) (call $level24) (call $level24) (call $level24)
    (call $level24) (call $level24) (call $level24) (call $level24)
    (call $level24) (call $level24) (call $level24) (call $level24)
    (call $level24) (call $level24) (call $level24) (call $level24))
  (func $level24
    (call $level25) (call $level25) (call $level25) (call $level25)
    (call $level25) (call $level25) (call $level25) (call $level25)
    (call $level25) (call $level25) (call $level25) (call $level25)
    (call $level25) (call $level25) (call $level25) (call $level25))
  (func $level25
    (call $level26) (call $level26) (call $level26) (call $level26)
    (call $level26) (call $level26) (call $level26) (call $level26)
    (call $level26) (call $level26) (call $level26) (call $level26)
    (call $level26) (call $level26) (call $level26) (call $level26))
  (func $level26
    (call $level27) (call $level27) (call $level27) (call $level27)
    (call $level27) (call $level27) (call $level27) (call $level27)
    (call $level27) (call $level27) (call $level27) (call $level27)
    (call $level27) (call $level27) (call $level27) (call $level27))
  (func $level27
    (call $level28) (call $level28) (call $level28) (call $level28)
    (call $level28) (call $level28) (call $level28) (call $level28)
    (call $level28) (call $level28) (call $level28) (call $level28)
    (call $level28) (call $level28) (call $level28) (call $level28))
  (func $level28
    (call $level29) (call $level29) (call $level29) (call $level29)
    (call $level29) (call $level29) (call $level29) (call $level29)
    (call $level29) (call $level29) (call $level29) (call $level29)
    (call $level29) (call $level29) (call $level29) (call $level29))
  (func $level29
    (call $level30) (call $level30) (call $level30) (call $level30)
    (call $level30) (call $level30) (call $level30) (call $level30)
    (call $level30) (call $level30) (call $level30) (call $level30)
    (call $level30) (call $level30) (call $level30) (call $level30))
  (func $level30)

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
        (call $level1)))
    (i64.const 0x10_00000024)))
