import { MocError } from "../../protocol/errors.ts";
import type { GuestCall } from "./guest-call.ts";
import type { GuestInstance } from "./guest-instance.ts";
import { isStackOverflow } from "./stack-overflow.ts";

const FRAME = /^\s*at (?:(.+?) \()?wasm:\/\/[^:]*:wasm-function\[(\d+)\]:0x([0-9a-f]+)\)?$/;
const FRAMES_MAX = 30;

/** Where a failure came up. */
interface FailureSite {
  readonly program: {
    readonly name: string;
    readonly codeShift: number;
    readonly memoryMiB: number;
  };
  readonly instance: GuestInstance;
  readonly call: GuestCall;
  /** What ran: an export's name, or `start-up`. */
  readonly during: string;
}

/** A thrown value as the failure of a guest: whose fault it is, where it was, and what to do. */
export function translateFailure(error: unknown, site: FailureSite): MocError {
  if (site.call.failure) return site.call.failure;
  if (error instanceof MocError) return error;
  const stack = error instanceof Error ? guestStack(error, site.program.codeShift) : undefined;
  const options = { cause: error, guestStack: stack };
  const where = `${site.program.name} (${site.during})`;
  if (isStackOverflow(error)) {
    return new MocError(
      "MOC_LIMIT_STACK",
      `${where} recursed deeper than its stack allows; look for a recursion that does not end`,
      options,
    );
  }
  if (site.instance.growRefused) {
    return new MocError(
      "MOC_LIMIT_MEMORY",
      `${where} needed more than its ${site.program.memoryMiB} MiB of memory; raise limits.memoryMiB`,
      options,
    );
  }
  if (error instanceof WebAssembly.RuntimeError) {
    const place = stack ? `, in ${stack.split("\n", 1)[0]?.trim().replace(/^at /, "")}` : "";
    return new MocError("MOC_GUEST_TRAP", `${where} trapped: ${error.message}${place}`, options);
  }
  if (isWasmException(error)) {
    return new MocError("MOC_GUEST_ERROR", `${where} threw an exception that it did not catch`, {
      guestStack: stack,
    });
  }
  return MocError.from(error);
}

/** The type declarations do not know the exception handling proposal's interface yet. */
function isWasmException(error: unknown): boolean {
  const { Exception } = WebAssembly as unknown as { Exception: new () => object };
  return error instanceof Exception;
}

/** The wasm frames of a stack, by the names in the module's name section. */
function guestStack(error: Error, codeShift: number): string | undefined {
  const frames: string[] = [];
  for (const line of (error.stack ?? "").split("\n")) {
    const match = FRAME.exec(line);
    if (!match || frames.length >= FRAMES_MAX) continue;
    const [, name, index, offset] = match;
    const at = (Number.parseInt(offset ?? "0", 16) - codeShift).toString(16);
    frames.push(`    at ${name ?? "?"} (function ${index}, byte 0x${at})`);
  }
  return frames.length > 0 ? frames.join("\n") : undefined;
}
