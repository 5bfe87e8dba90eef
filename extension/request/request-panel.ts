import {
  type Disposable,
  env,
  l10n,
  type Memento,
  Uri,
  ViewColumn,
  type WebviewPanel,
  type WebviewPanelSerializer,
  window,
} from "vscode";
import type { Client } from "../../devkit/client.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import { setting } from "../config.ts";
import { PANELS } from "../contributions/views.ts";
import { type FunctionItem, projectOf } from "../functions/function-item.ts";
import { keepEditor } from "../keep-editor.ts";
import { pageHtml } from "../panels/page-html.ts";
import { setContext } from "../projects.ts";
import { kept, type PastCall } from "./history.ts";
import { type FromPage, parseForm, parseFromPage, type ToPage } from "./messages.ts";
import {
  chooseBodyFile,
  copyCurl,
  openPosition,
  saveBody,
  saveRequest,
} from "./request-actions.ts";
import { type KeptRequest, RequestSession } from "./request-session.ts";
import { compareBodies, openBody } from "./response-documents.ts";
import { pageStrings } from "./strings.ts";

interface RequestPanelParts {
  readonly extensionUri: Uri;
  readonly memory: Memento;
  /** The client, once the named function is live. */
  readonly ensureLive: (name: string) => Promise<Client>;
  readonly item: (name: string) => FunctionItem | undefined;
  /** A debugger may hold its calls for as long as it likes. */
  readonly isDebugged: (item: FunctionItem) => boolean;
  readonly certificateFile: () => Promise<string | undefined>;
}

/** The longest that a timer takes: 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

interface OpenPanel {
  readonly panel: WebviewPanel;
  readonly session: RequestSession;
}

/** What to show when a request editor is opened. */
export interface RequestStart {
  /** Absolute path of a sample file. */
  readonly sample?: string;
  readonly plug?: { readonly method: string; readonly path: string };
  readonly send?: boolean;
}

/** The request editors, at most one for each function. */
export class RequestPanels implements Disposable, WebviewPanelSerializer<unknown> {
  readonly #parts: RequestPanelParts;
  readonly #panels = new Map<string, OpenPanel>();

  constructor(parts: RequestPanelParts) {
    this.#parts = parts;
  }

  /** Opens, or brings to the front, the request editor of a function. */
  async open(item: FunctionItem, start: RequestStart = {}): Promise<void> {
    const known = this.#panels.get(item.name);
    const before = known ? undefined : this.#keptRequest(item.name);
    const { panel, session } = known ?? this.#create(item.name, before);
    panel.reveal(known ? undefined : ViewColumn.Beside);
    await keepEditor();
    if (!known || start.sample !== undefined) await session.load(start.sample, Boolean(before));
    if (start.plug) session.usePlug(start.plug.method, start.plug.path);
    if (start.send) await this.#send(session, item.name);
  }

  /** Cancels whatever is being sent. */
  cancelAll(): void {
    for (const { session } of this.#panels.values()) session.cancel();
  }

  /** A function was deployed, or samples changed: what can be chosen may differ. */
  async renew(name?: string): Promise<void> {
    const wanted = [...this.#panels].filter(([one]) => name === undefined || one === name);
    await Promise.all(wanted.map(([, { session }]) => session.load(undefined, true)));
  }

  /** A call that is shown, or one of those kept from earlier sessions. */
  pastCall(name: string, id: number): PastCall | undefined {
    const calls = this.#panels.get(name)?.session.calls ?? this.#keptCalls(name);
    return calls.find(({ entry }) => entry.id === id);
  }

  async deserializeWebviewPanel(panel: WebviewPanel, state: unknown): Promise<void> {
    const { function: name, form } = (state ?? {}) as { function?: unknown; form?: unknown };
    if (typeof name !== "string" || this.#panels.has(name)) {
      panel.dispose();
      return;
    }
    const before = this.#keptRequest(name);
    const shown = parseForm(form);
    const { session } = this.#attach(name, panel, shown ? { ...before, form: shown } : before);
    await session.load(undefined, true);
  }

  dispose(): void {
    for (const { panel, session } of this.#panels.values()) {
      session.cancel();
      panel.dispose();
    }
  }

  #create(name: string, before: KeptRequest | undefined): OpenPanel {
    const panel = window.createWebviewPanel(
      PANELS.request,
      l10n.t("Invoke {0}", name),
      { viewColumn: ViewColumn.Beside, preserveFocus: false },
      {},
    );
    return this.#attach(name, panel, before);
  }

  #attach(name: string, panel: WebviewPanel, before: KeptRequest | undefined): OpenPanel {
    const session = new RequestSession(
      {
        project: () => projectOf(this.#item(name)),
        canSave: () => this.#item(name).project !== undefined,
        ensure: () => this.#parts.ensureLive(name),
        say: (message, ...values) => l10n.t(message, ...values),
        timeoutMs: () =>
          this.#parts.isDebugged(this.#item(name)) ? LONGEST_MS : setting("invoke.timeoutMs"),
        calls: this.#keptCalls(name),
        onChange: () => this.#show(name),
      },
      before,
    );
    const open = { panel, session };
    this.#panels.set(name, open);
    const dist = Uri.joinPath(this.#parts.extensionUri, "dist");
    const media = Uri.joinPath(this.#parts.extensionUri, "extension", "media");
    panel.iconPath = Uri.joinPath(media, "activity.svg");
    panel.webview.options = { enableScripts: true, localResourceRoots: [dist, media] };
    panel.webview.onDidReceiveMessage((message: unknown) => {
      const parsed = parseFromPage(message);
      if (parsed) void this.#receive(open, name, parsed);
    });
    // Messages to a hidden page are lost: it is drawn anew when it is seen again.
    panel.onDidChangeViewState(() => panel.visible && this.#show(name));
    panel.onDidDispose(() => {
      session.cancel();
      this.#panels.delete(name);
      void this.#parts.memory.update(formKey(name), session.kept);
      this.#showBusy();
    });
    panel.webview.html = pageHtml({
      title: panel.title,
      language: env.language,
      cspSource: panel.webview.cspSource,
      styles: [panel.webview.asWebviewUri(Uri.joinPath(media, "request.css")).toString()],
      scripts: [panel.webview.asWebviewUri(Uri.joinPath(dist, "request.js")).toString()],
      body: '<div id="page"></div>',
    });
    return open;
  }

  #item(name: string): FunctionItem {
    return this.#parts.item(name) ?? { name };
  }

  #keptCalls(name: string): readonly PastCall[] {
    return this.#parts.memory.get<PastCall[]>(callsKey(name), []);
  }

  /** The request as the user left it, if its form can still be read. */
  #keptRequest(name: string): KeptRequest | undefined {
    const before = this.#parts.memory.get<KeptRequest>(formKey(name));
    const form = parseForm(before?.form);
    return before && form && { ...before, form };
  }

  #show(name: string): void {
    const open = this.#panels.get(name);
    if (!open) return;
    this.#showBusy();
    const message: ToPage = { kind: "state", state: open.session.state(pageStrings()) };
    void open.panel.webview.postMessage(message);
  }

  #showBusy(): void {
    const busy = [...this.#panels.values()].some(({ session }) => session.busy);
    void setContext("invoking", busy);
  }

  async #send(session: RequestSession, name: string): Promise<void> {
    await session.send();
    await this.#parts.memory.update(callsKey(name), kept(session.calls));
  }

  async #receive({ session }: OpenPanel, name: string, message: FromPage): Promise<void> {
    try {
      await this.#act(session, name, message);
    } catch (error) {
      await window.showErrorMessage(MocError.from(error).message);
    }
  }

  async #act(session: RequestSession, name: string, message: FromPage): Promise<void> {
    if ("form" in message) session.edit(message.form);
    switch (message.kind) {
      case "ready":
        return this.#show(name);
      case "changed":
        return;
      case "send":
        return this.#send(session, name);
      case "cancel":
        return session.cancel();
      case "useSample":
        return session.useSample(message.file);
      case "useHistory":
        return session.useCall(message.id);
      case "chooseFile":
        return chooseBodyFile(session);
      case "saveSample":
        return saveRequest(session, this.#item(name));
      case "copyCurl": {
        const { baseUrl } = (await this.#parts.ensureLive(name)).target;
        return copyCurl(session, baseUrl, await this.#parts.certificateFile());
      }
      case "saveBody":
        return saveBody(session);
      case "openBody":
        return openBody(name, session.shown);
      case "openPosition":
        return openPosition(session, this.#item(name));
      case "compare":
        return compareBodies(name, session.previous, session.shown);
      default:
        message satisfies never;
    }
  }
}

function callsKey(name: string): string {
  return `calls:${name}`;
}

function formKey(name: string): string {
  return `form:${name}`;
}
