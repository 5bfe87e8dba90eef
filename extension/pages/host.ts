import type { RequestForm } from "../request/form.ts";
import type { FromPage, ToPage } from "../request/messages.ts";

interface EditorApi {
  postMessage(message: unknown): void;
  setState(state: unknown): void;
  getState(): unknown;
}

declare function acquireVsCodeApi(): EditorApi;

const editor = acquireVsCodeApi();

/** Sends a message to the extension. */
export function send(message: FromPage): void {
  editor.postMessage(message);
}

/** What the page keeps while it is hidden, and in a restored panel. */
interface KeptPage {
  readonly function: string;
  readonly form: RequestForm;
  readonly tab: string;
  readonly bodyAs: Readonly<Record<string, string>>;
}

/** Keeps the state beyond the life of the page. */
export function keep(state: KeptPage): void {
  editor.setState(state);
}

/** What {@link keep} got last; it was written by this very page. */
export function kept(): Partial<KeptPage> {
  return (editor.getState() ?? {}) as Partial<KeptPage>;
}

/** Listens to the extension; messages of other senders do not reach a webview's window. */
export function listen(run: (message: ToPage) => void): void {
  window.addEventListener("message", (event: MessageEvent<unknown>) => {
    const message = event.data as Partial<ToPage> | undefined;
    if (message?.kind === "state" && message.state) run(message as ToPage);
  });
}
