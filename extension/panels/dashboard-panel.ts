import { access } from "node:fs/promises";
import {
  commands,
  type Disposable,
  env,
  l10n,
  Uri,
  ViewColumn,
  type WebviewPanel,
  type WebviewPanelSerializer,
  window,
  workspace,
} from "vscode";
import type { Client } from "../../devkit/client.ts";
import type { FunctionProject } from "../../devkit/manifest.ts";
import { checkSample } from "../../devkit/samples.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { PlatformEvent } from "../../runtime/protocol/model.ts";
import type { ToPanel } from "../../runtime/protocol/panel.ts";
import { REST, type RestName } from "../../runtime/protocol/rest.ts";
import { commandId } from "../contributions/commands.ts";
import { PANELS } from "../contributions/views.ts";
import type { RuntimeState } from "../runtime/runtime-control.ts";
import { saveSample } from "../samples/save-sample.ts";
import { BackupFiles } from "./backup-files.ts";
import { type DashboardMessage, parseFromDashboard } from "./dashboard-messages.ts";
import { pageHtml } from "./page-html.ts";

/** Events within this time go to the page together. */
const EVENT_PAUSE_MS = 50;

interface DashboardParts {
  readonly extensionUri: Uri;
  readonly ensure: () => Promise<Client>;
  readonly state: () => RuntimeState;
  /** The function's folder, if it is in the workspace. */
  readonly project: (name: string) => FunctionProject | undefined;
}

/** The dashboard in an editor tab: the page of webview/, talking with the runtime through us. */
export class DashboardPanel implements Disposable, WebviewPanelSerializer<unknown> {
  readonly #parts: DashboardParts;
  readonly #backups = new BackupFiles();
  #panel: WebviewPanel | undefined;
  #events: AbortController | undefined;

  constructor(parts: DashboardParts) {
    this.#parts = parts;
  }

  async open(): Promise<void> {
    if (this.#panel) {
      this.#panel.reveal();
      return;
    }
    const title = l10n.t("My Own Cluster");
    await this.#attach(window.createWebviewPanel(PANELS.dashboard, title, ViewColumn.Active));
  }

  async deserializeWebviewPanel(panel: WebviewPanel): Promise<void> {
    if (this.#panel) panel.dispose();
    else await this.#attach(panel);
  }

  /** The runtime came or went. */
  async runtimeChanged(): Promise<void> {
    const panel = this.#panel;
    if (!panel) return;
    const connected = this.#parts.state().kind === "running";
    await this.#post({ kind: "connected", connected });
    if (connected) void this.#relayEvents();
    else this.#events?.abort();
    if (!(await this.#hasPage())) await this.#draw(panel);
  }

  dispose(): void {
    this.#events?.abort();
    this.#panel?.dispose();
  }

  async #attach(panel: WebviewPanel): Promise<void> {
    this.#panel = panel;
    const { extensionUri } = this.#parts;
    const media = Uri.joinPath(extensionUri, "extension", "media");
    panel.iconPath = Uri.joinPath(media, "icon.svg");
    panel.webview.options = {
      enableScripts: true,
      enableCommandUris: [commandId("startRuntime"), commandId("createFunction")],
      localResourceRoots: [Uri.joinPath(extensionUri, "dist"), media],
    };
    panel.webview.onDidReceiveMessage((message: unknown) => this.#receive(message));
    panel.onDidDispose(() => {
      this.#events?.abort();
      this.#panel = undefined;
    });
    await this.#draw(panel);
    // The page says what is missing; opening it is wish enough to start the runtime.
    await this.#parts.ensure().catch(() => undefined);
  }

  async #draw(panel: WebviewPanel): Promise<void> {
    const { webview } = panel;
    const media = Uri.joinPath(this.#parts.extensionUri, "extension", "media");
    const page = await this.#hasPage();
    const at = (...path: string[]): string =>
      webview.asWebviewUri(Uri.joinPath(this.#parts.extensionUri, ...path)).toString();
    webview.html = pageHtml({
      title: panel.title,
      language: env.language,
      cspSource: webview.cspSource,
      styles: page
        ? [at("dist", "webview", "dashboard.css")]
        : [webview.asWebviewUri(Uri.joinPath(media, "request.css")).toString()],
      scripts: page ? [at("dist", "webview", "dashboard.js")] : [],
      body: page ? "" : this.#plainPage(),
    });
  }

  /** Status and links, for a build without the dashboard's page. */
  #plainPage(): string {
    const state = this.#parts.state();
    const running = state.kind === "running";
    const address = running
      ? l10n.t("The runtime is running on port {0}.", state.instance.port)
      : l10n.t("The runtime is not running.");
    const link = (text: string, name: Parameters<typeof commandId>[0]): string =>
      `<p><a href="command:${commandId(name)}">${text}</a></p>`;
    return [
      `<main><section><h1>My Own Cluster</h1><p>${address}</p>`,
      running
        ? link(l10n.t("Create Function"), "createFunction")
        : link(l10n.t("Start Runtime"), "startRuntime"),
      "</section></main>",
    ].join("");
  }

  async #hasPage(): Promise<boolean> {
    const page = Uri.joinPath(this.#parts.extensionUri, "dist", "webview", "dashboard.js");
    return access(page.fsPath).then(
      () => true,
      () => false,
    );
  }

  async #receive(message: unknown): Promise<void> {
    const parsed = parseFromDashboard(message);
    if (!parsed) return;
    if (parsed.method === "ready") return this.runtimeChanged();
    if (parsed.method === "openSource") {
      await commands.executeCommand(commandId("openSource"), parsed.function);
    } else if (parsed.method === "save") {
      await saveFile(parsed.name, parsed.bytes);
    } else {
      await this.#post(await this.#answer(parsed));
    }
  }

  async #answer(message: Question): Promise<ToPanel> {
    const { id } = message;
    try {
      return { id, result: (await this.#resultOf(message)) ?? null };
    } catch (error) {
      return { id, error: MocError.from(error).toJSON() };
    }
  }

  async #resultOf(message: Question): Promise<unknown> {
    const { ensure } = this.#parts;
    const progress = (done: number, total?: number): void =>
      void this.#post({ kind: "progress", id: message.id, done, ...(total && { total }) });
    switch (message.method) {
      case "invoke": {
        const answer = await (await ensure()).fetchFunction(message.request);
        return { ...answer, body: plain(answer.body) };
      }
      case "rest":
      case "bytes":
        return askRuntime(await ensure(), message);
      case "saveSample":
        return this.#saveSample(message.function, message.sample);
      case "exportBackup":
        return this.#backups.export(ensure, message.name, progress);
      case "chooseArchive":
        return this.#backups.choose();
      case "restore":
        return this.#backups.restore(await ensure(), progress);
      default:
        return message satisfies never;
    }
  }

  /** Beside the function's source; elsewhere if it is not in the workspace. */
  async #saveSample(name: string, sample: object): Promise<string | undefined> {
    const text = `${JSON.stringify(sample, undefined, 2)}\n`;
    const [problem] = checkSample(text, "sample.json").problems;
    if (problem) throw new MocError("MOC_MANIFEST", problem.message);
    const project = this.#parts.project(name);
    if (project) return saveSample(project, () => text);
    return (await saveFile(`${name}.json`, Buffer.from(text)))?.fsPath;
  }

  /** To a hidden page events are lost: it reads everything again when it is drawn anew. */
  async #relayEvents(): Promise<void> {
    this.#events?.abort();
    const abort = new AbortController();
    this.#events = abort;
    const batch = new EventBatch((events) => void this.#post({ kind: "events", events }));
    try {
      const client = await this.#parts.ensure();
      const onConnection = (connected: boolean): void =>
        void this.#post({ kind: "connected", connected });
      for await (const event of client.events({ signal: abort.signal, onConnection })) {
        batch.add(event);
      }
    } catch {
      // A lost runtime is told by the control's state; the page shows that it is not connected.
      if (!abort.signal.aborted) await this.#post({ kind: "connected", connected: false });
    } finally {
      batch.dispose();
    }
  }

  async #post(message: ToPanel): Promise<void> {
    await this.#panel?.webview.postMessage(message);
  }
}

/** Gathers events: under load one message for each would cost more than what it says. */
class EventBatch {
  readonly #send: (events: readonly PlatformEvent[]) => void;
  #events: PlatformEvent[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (events: readonly PlatformEvent[]) => void) {
    this.#send = send;
  }

  add(event: PlatformEvent): void {
    this.#events.push(event);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const events = this.#events;
      this.#events = [];
      this.#send(events);
    }, EVENT_PAUSE_MS);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}

/** A message that is answered. */
type Question = Extract<DashboardMessage, { readonly id: number }>;

async function askRuntime(
  client: Client,
  { method, name, request }: Extract<Question, { readonly method: "rest" | "bytes" }>,
): Promise<unknown> {
  const { headers, ...rest } = request;
  // The name was checked; the runtime checks the fields.
  const answer = await client.bytes(name, rest as never, { headers });
  if (method === "rest") return parseAnswer(answer.bytes, name);
  const named = answer.headers.map(([header, value]) => [header.toLowerCase(), value]);
  return { bytes: plain(answer.bytes), headers: Object.fromEntries(named) };
}

/** A Buffer would reach the page as JSON, and a part of a larger one as the whole. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

async function saveFile(name: string, bytes: Uint8Array): Promise<Uri | undefined> {
  const [root] = workspace.workspaceFolders ?? [];
  const target = await window.showSaveDialog({
    defaultUri: root ? Uri.joinPath(root.uri, name) : Uri.file(name),
  });
  if (target) await workspace.fs.writeFile(target, bytes);
  return target;
}

function parseAnswer(bytes: Uint8Array, name: RestName): unknown {
  if (REST[name].answer === "bytes") return bytes;
  const text = new TextDecoder().decode(bytes);
  return REST[name].answer === "text" ? text : JSON.parse(text);
}
