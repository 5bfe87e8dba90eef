import type { FunctionImage } from "../../protocol/executor-messages.ts";
import { rehearsal } from "../rehearsal.ts";

/**
 * (module (import "core" "get_output_buffer_id" (func (result i32))) (memory 1)
 *   (func (export "main") (result i32) call 0 drop i32.const 200))
 */
const MODULE =
  "0061736d010000000105016000017f021d0104636f7265146765745f6f75747075745f6275666665725f69640000" +
  "03020100050301000107080104" +
  "6d61696e00010a0a01080010001a41c8010b";

export const REHEARSALS: readonly FunctionImage[] = [
  rehearsal("application/wasm", "main", Buffer.from(MODULE, "hex")),
];
