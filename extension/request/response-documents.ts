import { commands, l10n, type TextDocumentContentProvider, Uri, window, workspace } from "vscode";
import { RESPONSE_SCHEME } from "../contributions/views.ts";
import { isBodyDropped, type PastCall } from "./history.ts";
import type { ResponseView } from "./messages.ts";
import { bodyText } from "./response.ts";

/** A call of a function by its number; undefined: it is not kept any more. */
type PastCallOf = (name: string, id: number) => Promise<PastCall | undefined>;

/** Bodies of answers as read-only documents; made from the kept calls each time they are asked for. */
export class ResponseDocuments implements TextDocumentContentProvider {
  readonly #pastCall: PastCallOf;

  constructor(pastCall: PastCallOf) {
    this.#pastCall = pastCall;
  }

  async provideTextDocumentContent({ query }: Uri): Promise<string> {
    const parameters = new URLSearchParams(query);
    const call = await this.#pastCall(parameters.get("name") ?? "", Number(parameters.get("id")));
    if (!call || isBodyDropped(call.response)) return l10n.t("This answer is not kept any more.");
    return bodyText(call.response);
  }
}

/** Opens the body of an answer in an editor. */
export async function openBody(name: string, call: PastCall | undefined): Promise<void> {
  if (!call) return;
  const document = await workspace.openTextDocument(bodyUri(name, call));
  await window.showTextDocument(document, { preview: true });
}

/** Shows how an answer differs from the one before. */
export async function compareBodies(
  name: string,
  before: PastCall | undefined,
  shown: PastCall | undefined,
): Promise<void> {
  if (!before || !shown) return;
  const statuses = [before.response.status, shown.response.status] as const;
  const title = l10n.t("{0}: previous {1} ↔ shown {2}", name, ...statuses);
  await commands.executeCommand("vscode.diff", bodyUri(name, before), bodyUri(name, shown), title);
}

function bodyUri(name: string, { entry, response }: PastCall): Uri {
  const query = new URLSearchParams({ name, id: String(entry.id) }).toString();
  const path = `/${name} #${entry.id}.${isJson(response) ? "json" : "txt"}`;
  return Uri.from({ scheme: RESPONSE_SCHEME, path, query });
}

function isJson({ headers }: ResponseView): boolean {
  return headers.some(
    ([header, value]) => header.toLowerCase() === "content-type" && value.includes("json"),
  );
}
