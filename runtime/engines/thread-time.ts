/**
 * What this thread has computed since it began, in ms. Where Node cannot tell (before 23.9), the
 * clock stands in.
 */
export function threadComputedMs(): number {
  if (typeof process.threadCpuUsage !== "function") return performance.now();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
