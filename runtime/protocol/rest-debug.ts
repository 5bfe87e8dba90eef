import { boolean, call, optional, string } from "./rest-vocabulary.ts";

/** A version of a function that waits for a debugger. */
export interface DebugAnswer {
  readonly status: true;
  /** For {@link DEBUG_CALLS}.debugClose. */
  readonly id: string;
  readonly tech_id: string;
  /** Loopback address where the executor speaks V8's inspector protocol, to one client at a time. */
  readonly websocket_url: string;
}

/** Calls of the REST API for debuggers. */
export const DEBUG_CALLS = {
  debugOpen: call<DebugAnswer>()("POST", "/debug/open", {
    summary:
      "Let a debugger attach to a WebAssembly function: one executor, without limits of time, until it is closed or nobody is attached any more.",
    body: {
      name: string("name of the function"),
      source_maps: optional(
        boolean(
          "true: modules that carry a source map are shown as mapped scripts, which debuggers of JavaScript understand; default: as WebAssembly",
        ),
      ),
    },
  }),
  debugClose: call<{ readonly status: true; readonly closed: boolean }>()("POST", "/debug/close", {
    summary: "End a debug session: what stands at a breakpoint goes on, and limits hold again.",
    body: { id: string("as answered by debugOpen") },
  }),
} as const;
