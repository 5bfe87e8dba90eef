import type { DebugAnswer } from "../../protocol/rest-debug.ts";
import type { Operations } from "./operation.ts";

/** Lets debuggers attach to functions; implemented over executors and a socket of its own. */
export interface Debugging {
  /**
   * @param sourceMaps show modules that carry a source map as mapped scripts
   * @throws MOC_NOT_FOUND, MOC_BAD_REQUEST (no WebAssembly), MOC_CONFLICT (debugged already), or
   *   what is wrong with the module
   */
  open(name: string, sourceMaps: boolean): Promise<Omit<DebugAnswer, "status">>;
  /** Whether a debugger is attached to it. */
  isDebugged(name: string): boolean;
  /** Answers false when the session had ended already. */
  close(id: string): Promise<boolean>;
}

/** Begin and end of debug sessions. */
export function debugOperations(debugging: Debugging): Operations {
  return {
    debugOpen: async (argument) => {
      const session = await debugging.open(argument.text("name"), argument.flag("source_maps"));
      return { json: { status: true, ...session } };
    },
    debugClose: async (argument) => ({
      json: { status: true, closed: await debugging.close(argument.text("id")) },
    }),
  };
}
