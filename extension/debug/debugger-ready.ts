import type { DebugAdapterTracker } from "vscode";

/** After the last news of sources and breakpoints. */
const QUIET_MS = 400;

/** What a debug adapter says, as far as it matters here. */
interface AdapterMessage {
  readonly type?: string;
  readonly event?: string;
  readonly body?: { readonly source?: { readonly name?: string; readonly path?: string } };
}

/**
 * Tells when the debugger has seen the guest's module and set what breakpoints it has in there: the
 * adapter has no message for that, but then falls silent.
 * @param isGuest whether a source is one of the function's
 */
export function whenReady(
  isGuest: (path: string) => boolean,
  ready: () => void,
): DebugAdapterTracker {
  let timer: NodeJS.Timeout | undefined;
  let seen = false;
  let done = false;
  const finish = (): void => {
    done = true;
    ready();
  };
  return {
    onDidSendMessage: (message: AdapterMessage) => {
      if (done || message.type !== "event") return;
      const { source } = message.body ?? {};
      if (message.event === "loadedSource") seen ||= isGuest(source?.path ?? source?.name ?? "");
      if (!seen || !["loadedSource", "breakpoint"].includes(message.event ?? "")) return;
      clearTimeout(timer);
      timer = setTimeout(finish, QUIET_MS);
    },
    onWillStopSession: () => {
      done = true;
      clearTimeout(timer);
    },
  };
}
