/** Entry of the dashboard, in the editor's panel and in a browser. */
import "./dashboard.css";
import { Dashboard } from "./app.ts";
import { browserKeeper, editorKeeper } from "./keeper.ts";
import { registerToolkit } from "./toolkit.ts";
import { BrowserTransport } from "./transport/browser-transport.ts";
import { type EditorApi, PanelTransport } from "./transport/panel-transport.ts";

declare const acquireVsCodeApi: (() => EditorApi) | undefined;

registerToolkit();
const api = typeof acquireVsCodeApi === "function" ? acquireVsCodeApi() : undefined;
if (!api) followBrowserTheme();
// The editor's page may hold a place for it: the element is made here, with what it needs.
document.querySelector("moc-dashboard")?.remove();
customElements.define("moc-dashboard", Dashboard);
document.body.append(
  api
    ? new Dashboard(new PanelTransport(api), editorKeeper(api))
    : new Dashboard(new BrowserTransport(), browserKeeper()),
);

/** The toolkit reads its colours anew when the body's classes change, as the editor changes them. */
function followBrowserTheme(): void {
  const light = matchMedia("(prefers-color-scheme: light)");
  const follow = () => {
    document.body.className = `browser vscode-${light.matches ? "light" : "dark"}`;
  };
  light.addEventListener("change", follow);
  follow();
}
