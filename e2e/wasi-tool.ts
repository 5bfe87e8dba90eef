import wabt from "wabt";

/** Headers of a CGI answer, then the arguments, a line each; and a function of two numbers. */
const SOURCE = `(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 2048) "content-type: text/plain\\r\\n\\r\\n")
  (func $print (param $at i32) (param $length i32)
    (i32.store (i32.const 8) (local.get $at))
    (i32.store (i32.const 12) (local.get $length))
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 100))))
  ;; Arguments end with a zero each.
  (func $lines (param $at i32) (param $left i32)
    (loop $next
      (if (i32.eqz (i32.load8_u (local.get $at)))
        (then (i32.store8 (local.get $at) (i32.const 10))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "_start")
    (drop (call $sizes (i32.const 0) (i32.const 4)))
    (drop (call $args (i32.const 16) (i32.const 1024)))
    (call $lines (i32.const 1024) (i32.load (i32.const 4)))
    (call $print (i32.const 2048) (i32.const 28))
    (call $print (i32.const 1024) (i32.load (i32.const 4)))))`;

/** A WASI program that prints its arguments as a CGI answer, and exports `add`. */
export async function wasiTool(): Promise<Uint8Array> {
  const { parseWat } = await wabt();
  const parsed = parseWat("tool.wat", SOURCE);
  try {
    return parsed.toBinary({}).buffer;
  } finally {
    parsed.destroy();
  }
}
