import { join } from "node:path";
import type { DebugAnswer } from "../../runtime/protocol/rest-debug.ts";

/** A configuration of VS Code's JavaScript debugger, as {@link attachConfiguration} makes it. */
export interface AttachConfiguration {
  readonly type: "pwa-node";
  readonly request: "attach";
  readonly name: string;
  readonly websocketAddress: string;
  /** Our debug session; the debugger leaves what it does not know alone. */
  readonly mocSession: string;
  readonly [option: string]: unknown;
}

/**
 * How VS Code's JavaScript debugger attaches to the executor of a function.
 * @param extensionPath where the executor's own code lies, which nobody wants to step through
 */
export function attachConfiguration(
  name: string,
  answer: Pick<DebugAnswer, "id" | "websocket_url">,
  extensionPath: string,
): AttachConfiguration {
  const dist = join(extensionPath, "dist").replaceAll("\\", "/");
  return {
    type: "pwa-node",
    request: "attach",
    name,
    websocketAddress: answer.websocket_url,
    mocSession: answer.id,
    address: "127.0.0.1",
    restart: false,
    // The executor is a thread without children; it would only be given an environment.
    autoAttachChildProcesses: false,
    continueOnAttach: true,
    sourceMaps: true,
    // The guest's map lies within its module; those of the executor's own code are not shipped.
    resolveSourceMapLocations: ["**", `!${dist}/**`],
    outFiles: [],
    smartStep: true,
    skipFiles: ["<node_internals>/**", `${dist}/**`],
  };
}
