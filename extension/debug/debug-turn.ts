import { createHash } from "node:crypto";
import { join } from "node:path";
import { giveLease, leaseFolder, livingLeases, takeLease } from "../runtime/leases.ts";

/**
 * Whose turn it is to debug a function: one window's of those that share a runtime, since its debug
 * build is live for all of them. A window that is gone holds nobody up.
 */
export class DebugTurn {
  readonly #leases: string;

  /**
   * @param dataFolder - of the runtime
   * @param folder - of the function
   */
  constructor(dataFolder: string, folder: string) {
    const id = createHash("sha256").update(folder).digest("hex").slice(0, 16);
    this.#leases = join(leaseFolder(dataFolder), "debugged", id);
  }

  /** Answers false when it is another window's. */
  async take(pid = process.pid): Promise<boolean> {
    await takeLease(this.#leases, pid);
    if ((await livingLeases(this.#leases)) === 1) return true;
    await giveLease(this.#leases, pid);
    return false;
  }

  async give(pid = process.pid): Promise<void> {
    await giveLease(this.#leases, pid);
  }

  /** Whether some window debugs the function. */
  async isTaken(): Promise<boolean> {
    return (await livingLeases(this.#leases)) > 0;
  }
}
