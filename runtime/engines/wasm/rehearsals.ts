import type { FunctionImage } from "../../protocol/executor-messages.ts";
import { rehearsal } from "../rehearsal.ts";
import { ByteWriter } from "./byte-writer.ts";
import { SECTION } from "./read-module.ts";

/**
 * How often {@link FILLING} stands in the module: about 50 KiB together, after which V8 has compiled
 * what reads instructions. A module of two megabytes is read in a third of the time then.
 */
const REPEATED = 2048;

/** One of each kind that compilers write much of. */
const FILLING = [
  ...[0x20, 0, 0x28, 2, 8], // local.get 0, i32.load offset=8
  ...[0x41, 0xe8, 7, 0x6a, 0x22, 0], // i32.const 1000, i32.add, local.tee 0
  ...[0x04, 0x40, 0x01, 0x0b], // if, nop, end
  ...[0x02, 0x40, 0x20, 0, 0x0e, 1, 0, 0, 0x0b], // block, local.get 0, br_table 0 0, end
];

/** memory.grow of nothing, and memory.fill of nothing */
const MEMORY = [0x41, 0, 0x40, 0, 0x1a, 0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 11, 0];

/**
 * (module (import "core" "get_output_buffer_id" (func (result i32)))
 *   (memory 1) (global (mut i32) (i32.const 0))
 *   (func (export "main") (result i32) call 0 drop i32.const 200)
 *   (func (param i32) …)) (; read, and never called ;)
 */
function rehearsalModule(): Uint8Array {
  const main = [0, 0x10, 0, 0x1a, 0x41, 0xc8, 1, 0x0b];
  const filling = new Uint8Array(REPEATED * FILLING.length);
  for (let at = 0; at < filling.length; at += FILLING.length) filling.set(FILLING, at);
  const never = new ByteWriter()
    .byte(0, ...MEMORY)
    .bytes(filling)
    .byte(0x0b);
  const core = new ByteWriter().byte(1).name("core").name("get_output_buffer_id").byte(0, 0);
  const code = new ByteWriter().byte(2).sized(Uint8Array.from(main)).sized(never.toBytes());
  const sections: readonly (readonly [id: number, payload: Uint8Array])[] = [
    [SECTION.type, Uint8Array.of(2, 0x60, 0, 1, 0x7f, 0x60, 1, 0x7f, 0)],
    [SECTION.import, core.toBytes()],
    [SECTION.function, Uint8Array.of(2, 0, 1)],
    [SECTION.memory, Uint8Array.of(1, 0, 1)],
    [SECTION.global, Uint8Array.of(1, 0x7f, 1, 0x41, 0, 0x0b)],
    [SECTION.export, new ByteWriter().byte(1).name("main").byte(0, 1).toBytes()],
    [SECTION.code, code.toBytes()],
  ];
  const module = new ByteWriter().byte(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  for (const [id, payload] of sections) module.byte(id).sized(payload);
  return module.toBytes();
}

export const REHEARSALS: readonly FunctionImage[] = [
  rehearsal("application/wasm", "main", rehearsalModule()),
];
