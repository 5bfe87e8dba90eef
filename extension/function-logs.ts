import {
  type Disposable,
  EventEmitter,
  l10n,
  type TextDocumentContentProvider,
  Uri,
  window,
  workspace,
} from "vscode";
import type { Client } from "../devkit/client.ts";
import type { LogLine } from "../runtime/protocol/model.ts";
import { LOG_SCHEME } from "./contributions/views.ts";

const LINES = 1000;
const PAUSE_MS = 200;

/** The last log lines of one function as a read-only document, which follows while it is open. */
export class FunctionLogs implements TextDocumentContentProvider, Disposable {
  readonly #changed = new EventEmitter<Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #client: () => Promise<Client>;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(client: () => Promise<Client>) {
    this.#client = client;
  }

  async show(name: string): Promise<void> {
    const uri = logUri(name);
    // An open document shows what it was read with.
    this.#changed.fire(uri);
    const document = await workspace.openTextDocument(uri);
    await window.showTextDocument(document, { preview: true });
  }

  /** A function wrote a line: its document, if there is one, is read anew soon. */
  written(name: string): void {
    if (this.#timers.has(name)) return;
    const uri = logUri(name);
    const isOpen = workspace.textDocuments.some((one) => one.uri.toString() === uri.toString());
    if (!isOpen) return;
    const read = (): void => {
      this.#timers.delete(name);
      this.#changed.fire(uri);
    };
    this.#timers.set(name, setTimeout(read, PAUSE_MS));
  }

  async provideTextDocumentContent({ query: name }: Uri): Promise<string> {
    const client = await this.#client();
    const { lines } = await client.call("logs", { query: { function: name, limit: LINES } });
    if (lines.length === 0) return l10n.t("{0} has not written to its log yet.", name);
    return `${lines.map(lineText).join("\n")}\n`;
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#changed.dispose();
  }
}

function logUri(name: string): Uri {
  return Uri.from({ scheme: LOG_SCHEME, path: `/${name}.log`, query: name });
}

function lineText({ at, level, call, text }: LogLine): string {
  return `${new Date(at).toISOString()} ${level.padEnd(5)} #${call ?? "-"} ${text}`;
}
