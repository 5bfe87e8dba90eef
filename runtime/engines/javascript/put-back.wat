;; Puts what is marked as written back into a machine's memory: a guest changes some fifty places a
;; call, and from JavaScript each of them would cost more than its copy. `npm run gen` makes
;; put-back-module.ts of this; write-marks.ts says what marks are.
(module
  (import "memory" "machine" (memory $machine 1))
  ;; Everything that is to be put back, at the same addresses.
  (import "memory" "image" (memory $image 1))
  (import "marks" "address" (global $marks i32))
  (import "marks" "count" (global $count i32))
  (import "marks" "shift" (global $shift i32))
  (import "marks" "reach" (global $reach i32))

  (func $mark (param $granule i32) (result i32)
    (i32.load8_u $machine
      (i32.add
        (global.get $marks)
        (i32.and (local.get $granule) (i32.sub (global.get $count) (i32.const 1))))))

  ;; Marks of eight granules at once, the first of them a multiple of eight.
  (func $eight (param $granule i32) (result i64)
    (i64.load $machine
      (i32.add
        (global.get $marks)
        (i32.and (local.get $granule) (i32.sub (global.get $count) (i32.const 1))))))

  ;; Copies the marked parts of a range of addresses from the image; beyond its `end` there is
  ;; nothing but zeros.
  (func $visit (param $low i32) (param $high i32) (param $zero i32)
    (local $granule i32) (local $past i32) (local $start i32) (local $end i32)
    ;; A mark at an address stands for some bytes behind it, too.
    (if (i32.gt_u (local.get $low) (global.get $reach))
      (then
        (local.set $granule
          (i32.shr_u (i32.sub (local.get $low) (global.get $reach)) (global.get $shift)))))
    (local.set $past
      (i32.add (i32.shr_u (i32.sub (local.get $high) (i32.const 1)) (global.get $shift)) (i32.const 1)))
    (block $done
      (br_if $done (i32.ge_u (local.get $low) (local.get $high)))
      (loop $next
        (br_if $done (i32.ge_u (local.get $granule) (local.get $past)))
        ;; Most are not marked, and are passed by eight at a time.
        (if (i32.eqz (i32.and (local.get $granule) (i32.const 7)))
          (then
            (if (i64.eqz (call $eight (local.get $granule)))
              (then
                (local.set $granule (i32.add (local.get $granule) (i32.const 8)))
                (br $next)))))
        (if (i32.eqz (call $mark (local.get $granule)))
          (then
            (local.set $granule (i32.add (local.get $granule) (i32.const 1)))
            (br $next)))
        (local.set $start (i32.shl (local.get $granule) (global.get $shift)))
        (loop $marked
          (local.set $granule (i32.add (local.get $granule) (i32.const 1)))
          (if (i32.lt_u (local.get $granule) (local.get $past))
            (then (br_if $marked (call $mark (local.get $granule))))))
        (local.set $end
          (i32.add (i32.shl (local.get $granule) (global.get $shift)) (global.get $reach)))
        (if (i32.lt_u (local.get $start) (local.get $low))
          (then (local.set $start (local.get $low))))
        (if (i32.gt_u (local.get $end) (local.get $high))
          (then (local.set $end (local.get $high))))
        (if (i32.gt_u (local.get $end) (local.get $start))
          (then
            (if (local.get $zero)
              (then
                (memory.fill $machine
                  (local.get $start)
                  (i32.const 0)
                  (i32.sub (local.get $end) (local.get $start))))
              (else
                (memory.copy $machine $image
                  (local.get $start)
                  (local.get $start)
                  (i32.sub (local.get $end) (local.get $start)))))))
        (br $next))))

  ;; Static data ends at $statics; the image has the heap from $heap to $end, and from there to $top
  ;; there was nothing but zeros. The stack in between is empty between two calls.
  (func (export "putBack")
    (param $statics i32) (param $heap i32) (param $end i32) (param $top i32)
    (call $visit (i32.const 0) (local.get $statics) (i32.const 0))
    (call $visit (local.get $heap) (local.get $end) (i32.const 0))
    (call $visit (local.get $end) (local.get $top) (i32.const 1))
    (memory.fill $machine (global.get $marks) (i32.const 0) (global.get $count))))
