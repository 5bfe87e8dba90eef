import { window, workspace } from "vscode";
import { KEY_SCHEME, LOG_SCHEME, PANELS, RESPONSE_SCHEME, VIEWS } from "./contributions/views.ts";
import type { Parts } from "./parts.ts";
import { ResponseDocuments } from "./request/response-documents.ts";
import { projectsChanged, showCurrent } from "./window-changes.ts";

/** Tells the editor of the window's views, documents and panels, which end with the extension. */
export function registerViews(parts: Parts): void {
  const { functionsTree, plugsTree, keyTree, keyFiles, requests, sampleWatch, status } = parts;
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
    requests,
    parts.functionLogs,
    sampleWatch,
    parts.dashboard,
    parts.projects.onChange(() => projectsChanged(parts)),
    window.onDidChangeActiveTextEditor(() => showCurrent(parts)),
    sampleWatch.onChange(() => {
      functionsTree.refresh();
      void requests.renew();
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
      new ResponseDocuments((name, id) => requests.pastCall(name, id)),
    ),
    workspace.registerTextDocumentContentProvider(LOG_SCHEME, parts.functionLogs),
    window.registerWebviewPanelSerializer(PANELS.request, requests),
    window.registerWebviewPanelSerializer(PANELS.dashboard, parts.dashboard),
  );
}
