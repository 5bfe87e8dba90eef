import { DebugTurn } from "./debug-turn.ts";

const POLL_MS = 1000;

export interface OtherDebuggersParts {
  /** Of the runtime that the windows share. */
  readonly dataFolder: () => string;
  /** Nobody debugs the function any more, for which a save of it has waited. */
  readonly onEnd: (folder: string) => void;
}

/**
 * Functions whose saves wait here because another window debugs them: its debug build is live, and
 * would be replaced. When it ends it makes its own last save live, perhaps without ours.
 */
export class OtherDebuggers {
  readonly #parts: OtherDebuggersParts;
  /** Folders of the functions, with what looks after them. */
  readonly #waiting = new Map<string, NodeJS.Timeout>();

  constructor(parts: OtherDebuggersParts) {
    this.#parts = parts;
  }

  /** Whether a save of the function has to wait; {@link OtherDebuggersParts.onEnd} then follows. */
  async hold(folder: string): Promise<boolean> {
    if (this.#waiting.has(folder)) return true;
    if (!(await this.#isDebugged(folder))) return false;
    this.#look(folder);
    return true;
  }

  dispose(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  #isDebugged(folder: string): Promise<boolean> {
    return new DebugTurn(this.#parts.dataFolder(), folder).isTaken();
  }

  #look(folder: string): void {
    clearTimeout(this.#waiting.get(folder));
    const timer = setTimeout(async () => {
      const isDebugged = await this.#isDebugged(folder);
      if (this.#waiting.get(folder) !== timer) return;
      if (isDebugged) return this.#look(folder);
      this.#waiting.delete(folder);
      this.#parts.onEnd(folder);
    }, POLL_MS);
    this.#waiting.set(folder, timer);
  }
}
