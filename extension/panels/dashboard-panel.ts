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
} from "vscode";
import type { Client } from "../../devkit/client.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import { REST, type RestName } from "../../runtime/protocol/rest.ts";
import { commandId } from "../contributions/commands.ts";
import { PANELS } from "../contributions/views.ts";
import type { RuntimeState } from "../runtime/runtime-control.ts";
import { parseFromDashboard, type RestMessage, type ToDashboard } from "./dashboard-messages.ts";
import { pageHtml } from "./page-html.ts";

export interface DashboardParts {
  readonly extensionUri: Uri;
  readonly ensure: () => Promise<Client>;
  readonly state: () => RuntimeState;
}

/** The dashboard in an editor tab: the page of webview/, talking with the runtime through us. */
export class DashboardPanel implements Disposable, WebviewPanelSerializer<unknown> {
  readonly #parts: DashboardParts;
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
    await this.#post({ kind: "connection", connected });
    if (connected) void this.#relayEvents(panel);
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
    panel.iconPath = Uri.joinPath(media, "activity.svg");
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
      body: page ? "<moc-dashboard></moc-dashboard>" : this.#plainPage(),
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
    if (parsed.method === "command") {
      await commands.executeCommand(commandId(parsed.command));
      return;
    }
    await this.#post(await this.#call(parsed));
  }

  async #call({ id, name, request }: RestMessage): Promise<ToDashboard> {
    try {
      const client = await this.#parts.ensure();
      const { headers, ...rest } = request;
      // The names were checked; the runtime checks the fields.
      const { bytes } = await client.bytes(name, rest as never, headers ? { headers } : {});
      return { id, result: parseAnswer(bytes, name) };
    } catch (error) {
      return { id, error: MocError.from(error).toJSON() };
    }
  }

  async #relayEvents(panel: WebviewPanel): Promise<void> {
    this.#events?.abort();
    const abort = new AbortController();
    this.#events = abort;
    try {
      const client = await this.#parts.ensure();
      for await (const event of client.events({ signal: abort.signal })) {
        // To a hidden page they are lost; it asks for everything again when it is seen.
        if (panel.visible) await this.#post({ kind: "event", event });
      }
    } catch (error) {
      if (!abort.signal.aborted) await this.#post({ kind: "connection", connected: false });
      if (MocError.from(error).code === "MOC_INTERNAL") throw error;
    }
  }

  async #post(message: ToDashboard): Promise<void> {
    await this.#panel?.webview.postMessage(message);
  }
}

function parseAnswer(bytes: Uint8Array, name: RestName): unknown {
  if (REST[name].answer === "bytes") return bytes;
  const text = new TextDecoder().decode(bytes);
  return REST[name].answer === "text" ? text : JSON.parse(text);
}
