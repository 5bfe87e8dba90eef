import { join, resolve } from "node:path";
import {
  commands,
  type Disposable,
  env,
  l10n,
  type Memento,
  Position,
  Range,
  type TextDocumentContentProvider,
  Uri,
  ViewColumn,
  type WebviewPanel,
  type WebviewPanelSerializer,
  window,
  workspace,
} from "vscode";
import type { Client } from "../../devkit/client.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import { setting } from "../config.ts";
import { PANELS } from "../contributions/views.ts";
import { curlCommand, sampleBody, samplePath } from "../functions/curl.ts";
import { type FunctionItem, projectOf } from "../functions/function-item.ts";
import { pageHtml } from "../panels/page-html.ts";
import { setContext } from "../projects.ts";
import type { RequestForm } from "./form.ts";
import { kept, type PastCall } from "./history.ts";
import { type FromPage, parseForm, parseFromPage, type ToPage } from "./messages.ts";
import { sampleOfForm } from "./request-form.ts";
import { RequestSession } from "./request-session.ts";
import { bodyText } from "./response.ts";
import { pageStrings } from "./strings.ts";

export const RESPONSE_SCHEME = "moc-response";

export interface RequestPanelParts {
  readonly extensionUri: Uri;
  readonly memory: Memento;
  readonly ensure: () => Promise<Client>;
  readonly item: (name: string) => FunctionItem | undefined;
  readonly certificateFile: () => Promise<string | undefined>;
}

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
export class RequestPanels
  implements Disposable, WebviewPanelSerializer<unknown>, TextDocumentContentProvider
{
  readonly #parts: RequestPanelParts;
  readonly #panels = new Map<string, OpenPanel>();
  /** Bodies shown as documents, by path. */
  readonly #bodies = new Map<string, string>();

  constructor(parts: RequestPanelParts) {
    this.#parts = parts;
  }

  /** Opens, or brings to the front, the request editor of a function. */
  async open(item: FunctionItem, start: RequestStart = {}): Promise<void> {
    const known = this.#panels.get(item.name);
    const { panel, session } = known ?? this.#create(item.name);
    panel.reveal(known ? undefined : ViewColumn.Beside);
    if (!known || start.sample !== undefined) await session.load(start.sample);
    if (start.plug) session.usePlug(start.plug.method, start.plug.path);
    if (start.send) await session.send();
  }

  /** Cancels whatever is being sent. */
  cancelAll(): void {
    for (const { session } of this.#panels.values()) session.cancel();
  }

  /** The function was deployed or its samples changed: what can be chosen may differ. */
  async renew(name: string): Promise<void> {
    await this.#panels.get(name)?.session.load(undefined, true);
  }

  async deserializeWebviewPanel(panel: WebviewPanel, state: unknown): Promise<void> {
    const { function: name, form } = (state ?? {}) as { function?: unknown; form?: unknown };
    if (typeof name !== "string" || this.#panels.has(name)) {
      panel.dispose();
      return;
    }
    const { session } = this.#attach(name, panel, parseForm(form));
    await session.load(undefined, true);
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.#bodies.get(uri.path) ?? "";
  }

  dispose(): void {
    for (const { panel, session } of this.#panels.values()) {
      session.cancel();
      panel.dispose();
    }
  }

  #create(name: string): OpenPanel {
    const panel = window.createWebviewPanel(
      PANELS.request,
      l10n.t("Invoke {0}", name),
      { viewColumn: ViewColumn.Beside, preserveFocus: false },
      {},
    );
    return this.#attach(name, panel);
  }

  #attach(name: string, panel: WebviewPanel, form?: RequestForm): OpenPanel {
    const session = new RequestSession(
      {
        project: () => projectOf(this.#item(name)),
        canSave: this.#item(name).project !== undefined,
        ensure: this.#parts.ensure,
        timeoutMs: () => setting("invoke.timeoutMs"),
        calls: this.#parts.memory.get<PastCall[]>(memoryKey(name), []),
        onChange: () => this.#show(name),
      },
      form,
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

  #show(name: string): void {
    const open = this.#panels.get(name);
    if (!open) return;
    const busy = [...this.#panels.values()].some(({ session }) => session.busy);
    void setContext("invoking", busy);
    const message: ToPage = { kind: "state", state: open.session.state(pageStrings()) };
    void open.panel.webview.postMessage(message);
  }

  async #receive({ session }: OpenPanel, name: string, message: FromPage): Promise<void> {
    try {
      await this.#act(session, name, message);
    } catch (error) {
      await window.showErrorMessage(MocError.from(error).message);
    }
  }

  async #act(session: RequestSession, name: string, message: FromPage): Promise<void> {
    switch (message.kind) {
      case "ready":
        return this.#show(name);
      case "changed":
        return session.edit(message.form);
      case "send":
        session.edit(message.form);
        await session.send();
        await this.#parts.memory.update(memoryKey(name), kept(session.calls));
        return;
      case "cancel":
        return session.cancel();
      case "useSample":
        return session.useSample(message.file);
      case "useHistory":
        return session.useCall(message.id);
      case "saveSample":
        session.edit(message.form);
        return this.#saveSample(session, name);
      case "copyCurl":
        return this.#copyCurl(message.form);
      case "saveBody":
        return saveBody(session);
      case "openBody":
        return this.#openBody(session, name);
      case "openPosition":
        return openPosition(session, this.#item(name));
      case "compare":
        return this.#compare(session, name);
      default:
        message satisfies never;
    }
  }

  async #saveSample(session: RequestSession, name: string): Promise<void> {
    const { project } = this.#item(name);
    if (!project) return;
    const text = session.sampleText();
    const chosen = await window.showInputBox({
      title: l10n.t("Save as Sample"),
      prompt: l10n.t("Name of the file in {0}", join(project.folder, "samples")),
      value: "sample",
      validateInput: (value) =>
        /^[\w][\w .-]*$/.test(value) ? undefined : l10n.t("Use letters, digits, spaces, . _ -"),
    });
    if (chosen === undefined) return;
    const file = join(project.folder, "samples", `${chosen.replace(/\.json$/, "")}.json`);
    const uri = Uri.file(file);
    const exists = await workspace.fs.stat(uri).then(
      () => true,
      () => false,
    );
    if (exists) {
      const overwrite = l10n.t("Overwrite");
      const answer = await window.showWarningMessage(
        l10n.t("{0} exists already.", `${chosen}.json`),
        { modal: true },
        overwrite,
      );
      if (answer !== overwrite) return;
    }
    await workspace.fs.writeFile(uri, Buffer.from(text));
    await session.load(file);
  }

  async #copyCurl(form: RequestForm): Promise<void> {
    const client = await this.#parts.ensure();
    const sample = sampleOfForm(form);
    const body = sampleBody(sample);
    const json = sample.bodyJson !== undefined && !hasHeader(sample.headers, "content-type");
    const command = curlCommand({
      url: client.target.baseUrl + samplePath(sample, form.path),
      method: form.method,
      headers: { ...sample.headers, ...(json && { "content-type": "application/json" }) },
      body,
      certificateFile: await this.#parts.certificateFile(),
    });
    await env.clipboard.writeText(command);
    window.setStatusBarMessage(l10n.t("curl command copied"), 3000);
  }

  async #openBody(session: RequestSession, name: string): Promise<void> {
    if (!session.shown) return;
    const uri = this.#bodyUri(name, session.shown);
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true });
  }

  async #compare(session: RequestSession, name: string): Promise<void> {
    const { shown, previous } = session;
    if (!shown || !previous) return;
    const title = l10n.t("{0}: previous ↔ shown answer", name);
    const [left, right] = [this.#bodyUri(name, previous), this.#bodyUri(name, shown)];
    await commands.executeCommand("vscode.diff", left, right, title);
  }

  #bodyUri(name: string, { entry, response }: PastCall): Uri {
    const json = response.headers.some(
      ([header, value]) => header.toLowerCase() === "content-type" && value.includes("json"),
    );
    const path = `/${name} #${entry.id}.${json ? "json" : "txt"}`;
    const head = `${response.status}\n`;
    this.#bodies.set(path, json ? bodyText(response) : head + bodyText(response));
    return Uri.from({ scheme: RESPONSE_SCHEME, path });
  }
}

/** Opens the source where the call failed; positions are relative to the function's folder. */
async function openPosition(session: RequestSession, { project }: FunctionItem): Promise<void> {
  const position = session.shown?.response.position;
  if (!position) return;
  const uri = Uri.file(resolve(project?.folder ?? "/", position.file));
  const at = new Position(position.line - 1, (position.column ?? 1) - 1);
  await window.showTextDocument(await workspace.openTextDocument(uri), {
    selection: new Range(at, at),
    viewColumn: ViewColumn.One,
  });
}

async function saveBody(session: RequestSession): Promise<void> {
  const { shown } = session;
  if (!shown) return;
  const target = await window.showSaveDialog({ title: l10n.t("Save Body") });
  if (!target) return;
  await workspace.fs.writeFile(target, Buffer.from(shown.response.bodyBase64, "base64"));
}

function memoryKey(name: string): string {
  return `calls:${name}`;
}

function hasHeader(headers: Readonly<Record<string, string>> | undefined, name: string): boolean {
  return Object.keys(headers ?? {}).some((one) => one.toLowerCase() === name);
}
