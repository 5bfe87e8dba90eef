import { wasi } from "@bjorn3/browser_wasi_shim";
import { type InodeFacts, nowNs } from "./file-tree.ts";
import { fail } from "./wasi-error.ts";

const { FSTFLAGS_ATIM, FSTFLAGS_ATIM_NOW, FSTFLAGS_MTIM, FSTFLAGS_MTIM_NOW } = wasi;

/** Sets the times (in ns) that the flags ask for. */
export function setTimes(
  facts: InodeFacts,
  times: { readonly atim: bigint; readonly mtim: bigint },
  flags: number,
): void {
  const both = (one: number, other: number) => (flags & one) !== 0 && (flags & other) !== 0;
  if (both(FSTFLAGS_ATIM, FSTFLAGS_ATIM_NOW) || both(FSTFLAGS_MTIM, FSTFLAGS_MTIM_NOW)) {
    fail(wasi.ERRNO_INVAL);
  }
  if (flags & ~15) fail(wasi.ERRNO_INVAL);
  const now = nowNs();
  if (flags & FSTFLAGS_ATIM) facts.atim = BigInt.asUintN(64, times.atim);
  if (flags & FSTFLAGS_ATIM_NOW) facts.atim = now;
  if (flags & FSTFLAGS_MTIM) facts.mtim = BigInt.asUintN(64, times.mtim);
  if (flags & FSTFLAGS_MTIM_NOW) facts.mtim = now;
  facts.ctim = now;
}
