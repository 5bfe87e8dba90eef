import type { InstanceFile } from "../runtime/protocol/model.ts";

export interface StartOptions {
  readonly dataFolder: string;
  /** Executable and first arguments that run the command line, such as `[node, dist/cli.js]`. */
  readonly command: readonly string[];
  /** Further arguments for `serve`. */
  readonly arguments?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** `attached` (default): it ends with this process. `detached`: it stays. */
  readonly lifetime?: "attached" | "detached";
  /** Lines that it prints. */
  readonly onOutput?: (line: string) => void;
  /** It must be ready within; default 30,000. */
  readonly readyTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A runtime that this process started, or found running. */
export interface RuntimeHandle {
  readonly instance: InstanceFile;
  /** False: somebody else started it, and `stop` asks it to stop all the same. */
  readonly owned: boolean;
  /** Settles when the process ended; exit code, or undefined if it is not ours. */
  readonly ended: Promise<number | undefined>;
  /** Asks it to stop, waits, and kills it if it does not; settles when it is gone. */
  stop(): Promise<void>;
}

/** The live runtime of a data folder; undefined when none is. */
export declare function findRuntime(dataFolder: string): Promise<InstanceFile | undefined>;

/**
 * Finds the runtime of a data folder, or starts one.
 * @throws MocError with the runtime's own reason when it does not start
 */
export declare function ensureRuntime(options: StartOptions): Promise<RuntimeHandle>;
