import { type WebviewPanelSerializer, window, workspace } from "vscode";
import { KEY_SCHEME, LOG_SCHEME, PANELS, RESPONSE_SCHEME, VIEWS } from "./contributions/views.ts";
import type { OnDemand } from "./on-demand.ts";
import type { Parts } from "./parts.ts";
import { ResponseDocuments } from "./request/response-documents.ts";
import { projectsChanged, showCurrent } from "./window-changes.ts";

/** Tells the editor of the window's views, documents and panels, which end with the extension. */
export function registerViews(parts: Parts): void {
  const { functionsTree, plugsTree, keyTree, keyFiles, requests, sampleWatch, status } = parts;
  const { dashboard } = parts;
  parts.context.subscriptions.push(
    parts.logs,
    parts.problems,
    parts.projects,
    status,
    parts.platform,
    parts.runtime,
    { dispose: () => void parts.live.close() },
    functionsTree,
    plugsTree,
    keyTree,
    parts.runtimeTree,
    keyFiles,
    { dispose: () => requests.made?.dispose() },
    parts.functionLogs,
    sampleWatch,
    { dispose: () => dashboard.made?.dispose() },
    parts.projects.onChange(() => projectsChanged(parts)),
    window.onDidChangeActiveTextEditor(() => showCurrent(parts)),
    sampleWatch.onChange(() => {
      functionsTree.refresh();
      void requests.made?.renew();
    }),
    workspace.onDidGrantWorkspaceTrust(() => status.update({ trusted: true })),
    window.createTreeView(VIEWS.functions, {
      treeDataProvider: functionsTree,
      showCollapseAll: true,
    }),
    window.createTreeView(VIEWS.plugs, { treeDataProvider: plugsTree }),
    window.createTreeView(VIEWS.keys, { treeDataProvider: keyTree, showCollapseAll: true }),
    parts.runtimeView,
    workspace.registerFileSystemProvider(KEY_SCHEME, keyFiles, { isCaseSensitive: true }),
    workspace.registerTextDocumentContentProvider(
      RESPONSE_SCHEME,
      new ResponseDocuments(async (name, id) => (await requests.get()).pastCall(name, id)),
    ),
    workspace.registerTextDocumentContentProvider(LOG_SCHEME, parts.functionLogs),
    window.registerWebviewPanelSerializer(PANELS.request, serializer(requests)),
    window.registerWebviewPanelSerializer(PANELS.dashboard, serializer(dashboard)),
  );
}

/** Panels of the window before are handed to those who make them. */
function serializer(
  panels: OnDemand<WebviewPanelSerializer<unknown>>,
): WebviewPanelSerializer<unknown> {
  return {
    deserializeWebviewPanel: async (panel, state) =>
      (await panels.get()).deserializeWebviewPanel(panel, state),
  };
}
