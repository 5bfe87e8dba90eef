;; Keeps a JSON document: PUT /{{name}} stores the body, GET /{{name}} answers it.
(module
  ;; Texts and bytes are (pointer, length) pairs; failure is 0xffff.
  (import "core" "get_input_buffer_id" (func $input (result i32)))
  (import "core" "get_output_buffer_id" (func $output (result i32)))
  ;; With pointer and length 0 it answers the size only.
  (import "core" "read_exchange_buffer" (func $read (param i32 i32 i32) (result i32)))
  (import "core" "write_exchange_buffer" (func $write (param i32 i32 i32) (result i32)))
  (import "core" "write_exchange_buffer_header"
    (func $header (param i32 i32 i32 i32 i32) (result i32)))
  ;; Answers the id of a new buffer with the value.
  (import "core" "persistence_get" (func $get (param i32 i32) (result i32)))
  (import "core" "persistence_set" (func $set (param i32 i32 i32 i32) (result i32)))

  (memory (export "memory") 2)
  (data (i32.const 0) "content-type")
  (data (i32.const 16) "application/json")
  (data (i32.const 32) "null")
  (data (i32.const 48) "{{name}}/document")
  (global $key i32 (i32.const 48))
  (global $key_length (mut i32) (i32.const 0))
  ;; What is read goes here, up to the end of the memory.
  (global $space i32 (i32.const 4096))
  (global $space_size i32 (i32.const 126976))

  ;; The key ends where its zero bytes begin.
  (func $measure_key
    (loop $more
      (if (i32.load8_u (i32.add (global.get $key) (global.get $key_length)))
        (then
          (global.set $key_length (i32.add (global.get $key_length) (i32.const 1)))
          (br $more)))))
  (start $measure_key)

  (func $answer (param $pointer i32) (param $length i32)
    (drop (call $header (call $output)
      (i32.const 0) (i32.const 12) (i32.const 16) (i32.const 16)))
    (drop (call $write (call $output) (local.get $pointer) (local.get $length))))

  ;; What a start function returns, from 100 to 599, is the http status.
  (func (export "show") (result i32)
    (local $value i32) (local $size i32)
    (local.set $value (call $get (global.get $key) (global.get $key_length)))
    (if (i32.eq (local.get $value) (i32.const 0xffff)) (then (return (i32.const 500))))
    (local.set $size (call $read (local.get $value) (i32.const 0) (i32.const 0)))
    ;; An absent key is an empty value: the document is null then.
    (if (i32.eqz (local.get $size))
      (then
        (call $answer (i32.const 32) (i32.const 4))
        (return (i32.const 200))))
    (drop (call $read (local.get $value) (global.get $space) (global.get $space_size)))
    (call $answer (global.get $space) (local.get $size))
    (i32.const 200))

  (func (export "keep") (result i32)
    (local $size i32)
    (local.set $size (call $read (call $input) (i32.const 0) (i32.const 0)))
    (if (i32.gt_u (local.get $size) (global.get $space_size))
      (then (return (i32.const 413))))
    (drop (call $read (call $input) (global.get $space) (global.get $space_size)))
    (if (i32.eq (i32.const 0xffff) (call $set
          (global.get $key) (global.get $key_length) (global.get $space) (local.get $size)))
      (then (return (i32.const 500))))
    (call $answer (global.get $space) (local.get $size))
    (i32.const 201)))
