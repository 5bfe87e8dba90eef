const UNKNOWN: NodeJS.MemoryUsage = {
  rss: 0,
  heapTotal: 0,
  heapUsed: 0,
  external: 0,
  arrayBuffers: 0,
};

/** Memory of the process; zeros while it has no file descriptor left to ask the system with. */
export function memoryUsage(): NodeJS.MemoryUsage {
  try {
    return process.memoryUsage();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EMFILE") return UNKNOWN;
    throw error;
  }
}
