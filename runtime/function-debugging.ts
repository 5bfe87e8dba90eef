import { randomUUID } from "node:crypto";
import type { FunctionImages } from "./core/function-images.ts";
import type { Debugging } from "./core/operations/debug.ts";
import { answerForProcess, DebugMessages } from "./debug-messages.ts";
import type { ExecutorPool } from "./executor/pool.ts";
import { MocError } from "./protocol/errors.ts";
import type { FunctionImage } from "./protocol/executor-messages.ts";
import { type DebugEndpoint, openDebugEndpoint } from "./server/debug-endpoint.ts";

const WASM = "application/wasm";

interface FunctionDebuggingParts {
  readonly images: FunctionImages;
  readonly executors: ExecutorPool;
  /** A line for the log, with the function's name. */
  log(level: "info" | "error", text: string, name: string): void;
}

interface Session {
  readonly name: string;
  readonly image: FunctionImage;
  readonly endpoint: DebugEndpoint;
}

/** Debug sessions: a version of a function, its only executor, and the port for its debugger. */
export class FunctionDebugging implements Debugging {
  readonly #parts: FunctionDebuggingParts;
  readonly #sessions = new Map<string, Session>();
  /** Names that are debugged, or are about to be. */
  readonly #taken = new Set<string>();

  constructor(parts: FunctionDebuggingParts) {
    this.#parts = parts;
  }

  async open(name: string, sourceMaps: boolean) {
    const { contentType } = await this.#parts.images.get(name);
    if (contentType !== WASM) {
      throw new MocError(
        "MOC_BAD_REQUEST",
        `'${name}' is ${contentType}: only WebAssembly runs in an engine with a debugger; look at its log and errors`,
      );
    }
    if (this.#taken.has(name)) {
      throw new MocError("MOC_CONFLICT", `'${name}' is being debugged already; end that first`);
    }
    this.#taken.add(name);
    try {
      const id = randomUUID();
      const session = await this.#start(id, name, sourceMaps);
      this.#sessions.set(id, session);
      this.#parts.log("info", "waits for a debugger; its limits of time do not hold", name);
      return { id, tech_id: session.image.techID, websocket_url: session.endpoint.url };
    } catch (error) {
      this.#taken.delete(name);
      throw error;
    }
  }

  isDebugged(name: string): boolean {
    const sessions = [...this.#sessions.values()];
    return sessions.some((one) => one.name === name && one.endpoint.isAttached);
  }

  async close(id: string): Promise<boolean> {
    const session = this.#sessions.get(id);
    if (!session) return false;
    this.#sessions.delete(id);
    const { name, image, endpoint } = session;
    await endpoint.close();
    this.#release(name, image);
    this.#taken.delete(name);
    this.#parts.log("info", "is debugged no more; its limits hold again", name);
    return true;
  }

  /** Ends all sessions. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.#sessions.keys()].map((id) => this.close(id)));
  }

  async #start(id: string, name: string, sourceMaps: boolean): Promise<Session> {
    const { images, executors, log } = this.#parts;
    const image = await images.debug(name);
    try {
      // Calls that come from now on meet the debugger.
      executors.nameMoved(name);
      const executor = await executors.debug(image);
      const endpoint = await openDebugEndpoint({
        connect: async (client) => {
          const messages = sourceMaps ? new DebugMessages() : undefined;
          const inspection = await executor.inspect({
            message: (text) => client.send(messages?.toDebugger(text) ?? text),
            ended: () => client.close(),
          });
          return {
            send: (text) => {
              const answer = answerForProcess(text);
              if (answer !== undefined) client.send(answer);
              else inspection.send(messages?.toExecutor(text) ?? text);
            },
            close: () => inspection.close(),
          };
        },
        onAbandoned: () => void this.close(id),
        onDefect: (error) => log("error", `debugger: ${MocError.from(error).message}`, name),
      });
      return { name, image, endpoint };
    } catch (error) {
      this.#release(name, image);
      throw error;
    }
  }

  #release(name: string, image: FunctionImage): void {
    this.#parts.images.endDebug(name);
    this.#parts.executors.endDebug(image);
  }
}
