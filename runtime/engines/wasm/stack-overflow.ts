/** Whether an exception says that a stack (the guest's, or the host's below it) is full. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes("call stack");
}
