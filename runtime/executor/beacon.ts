/**
 * What a thread says of itself while it does not answer, as integers that it shares with the host:
 * see `Progress` for the first three.
 */
export const BEACON = {
  current: 0,
  begun: 1,
  turns: 2,
  /** Memory that its guests hold, in pages of 64 KiB. */
  pages: 3,
  /** What the operating system calls it; 0: unknown. */
  thread: 4,
} as const;

export function newBeacon(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(Object.keys(BEACON).length * 4));
}
