;; "hello world" by the one system call that it needs, in the first version of WASI.
(module
  ;; fd_write(file descriptor, array of (pointer, length), its count, where the size goes) -> errno
  (import "wasi_unstable" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))

  (memory (export "memory") 1)
  ;; One (pointer, length) pair at 0, the text behind it, and 20 for the size.
  (data (i32.const 0) "\08\00\00\00\0c\00\00\00hello world\n")

  (func (export "_start")
    (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 20))
      (then unreachable))))
