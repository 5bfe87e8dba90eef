import type { FromPage, ToPage } from "../request/messages.ts";

interface EditorApi {
  postMessage(message: unknown): void;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): EditorApi;

const editor = acquireVsCodeApi();

/** Sends a message to the extension. */
export function send(message: FromPage): void {
  editor.postMessage(message);
}

/** Keeps what a restored panel needs. */
export function keep(state: unknown): void {
  editor.setState(state);
}

/** Listens to the extension; messages of other senders do not reach a webview's window. */
export function listen(run: (message: ToPage) => void): void {
  window.addEventListener("message", (event: MessageEvent<unknown>) => {
    const message = event.data as Partial<ToPage> | undefined;
    if (message?.kind === "state" && message.state) run(message as ToPage);
  });
}
