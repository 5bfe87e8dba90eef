import type { Machine } from "./machine.ts";
import { EVAL, type Pointer } from "./quickjs-abi.ts";

/**
 * Address of the state of `Math.random`, an xorshift64* generator inside of the context. It is
 * recognised by what one step makes of it, so that restored machines can be given new seeds.
 */
export async function findRandomState(machine: Machine): Promise<Pointer> {
  const start = machine.context;
  const before = Buffer.from(machine.bytes.subarray(start, start + 4096));
  machine.freeValue(await machine.evaluate("Math.random()", "moc:seed", EVAL.SCRIPT));
  for (let offset = 0; offset + 8 <= before.length; offset += 4) {
    const old = before.readBigUInt64LE(offset);
    if (old !== 0n && step(old) === machine.bytes.readBigUInt64LE(start + offset)) {
      return start + offset;
    }
  }
  throw new TypeError("the state of Math.random was not found in QuickJS's context");
}

function step(state: bigint): bigint {
  state ^= state >> 12n;
  state = BigInt.asUintN(64, state ^ (state << 25n));
  return state ^ (state >> 27n);
}
