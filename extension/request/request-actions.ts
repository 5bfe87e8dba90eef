/** What the request editor's buttons do outside its page. */
import { basename, join, resolve } from "node:path";
import { env, l10n, Position, Range, Uri, ViewColumn, window, workspace } from "vscode";
import { curlCommand } from "../functions/curl.ts";
import type { FunctionItem } from "../functions/function-item.ts";
import { saveSample } from "../samples/save-sample.ts";
import { isBodyDropped } from "./history.ts";
import { sampleOfForm } from "./request-form.ts";
import type { RequestSession } from "./request-session.ts";

/** Save as Sample: the request as a file beside the source. */
export async function saveRequest(
  session: RequestSession,
  { project }: FunctionItem,
): Promise<void> {
  if (!project) return;
  // What is not valid is said before a name is asked for.
  session.sampleText("");
  const { sample } = session.kept;
  const name = sample === undefined ? "sample" : basename(sample, ".json");
  const file = await saveSample(project, (path) => session.sampleText(path), name);
  if (file !== undefined) await session.load(file);
}

/** Copies the request as a command line. */
export async function copyCurl(
  session: RequestSession,
  baseUrl: string,
  certificateFile: string | undefined,
): Promise<void> {
  const { form } = session.kept;
  const command = curlCommand({
    baseUrl,
    sample: sampleOfForm(form, (message, ...values) => l10n.t(message, ...values)),
    sampleFile: join(session.samplesFolder, "request.json"),
    plug: form,
    certificateFile,
  });
  await env.clipboard.writeText(command);
  window.setStatusBarMessage(l10n.t("curl command copied"), 3000);
}

/** Lets the user choose the file that is sent as the body. */
export async function chooseBodyFile(session: RequestSession): Promise<void> {
  const [file] =
    (await window.showOpenDialog({
      title: l10n.t("File to send as the body"),
      openLabel: l10n.t("Choose"),
      defaultUri: Uri.file(resolve(session.samplesFolder, "..")),
    })) ?? [];
  if (file) session.useBodyFile(file.fsPath);
}

/** Opens the source where the call failed; positions are relative to the function's folder. */
export async function openPosition(
  session: RequestSession,
  { project }: FunctionItem,
): Promise<void> {
  const position = session.shown?.response.position;
  if (!position) return;
  const uri = Uri.file(resolve(project?.folder ?? "/", position.file));
  const at = new Position(position.line - 1, (position.column ?? 1) - 1);
  await window.showTextDocument(await workspace.openTextDocument(uri), {
    selection: new Range(at, at),
    viewColumn: ViewColumn.One,
  });
}

/** Writes the shown body to a file of the user's choice. */
export async function saveBody({ shown }: RequestSession): Promise<void> {
  if (!shown || isBodyDropped(shown.response)) return;
  const [root] = workspace.workspaceFolders ?? [];
  const target = await window.showSaveDialog({
    title: l10n.t("Save Body"),
    ...(root && { defaultUri: Uri.joinPath(root.uri, "answer") }),
  });
  if (!target) return;
  await workspace.fs.writeFile(target, Buffer.from(shown.response.bodyBase64, "base64"));
}
