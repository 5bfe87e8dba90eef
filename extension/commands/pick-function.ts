import { l10n, Uri, window } from "vscode";
import type { FunctionProject } from "../../devkit/manifest.ts";
import type { Plug } from "../../runtime/protocol/model.ts";
import type { FunctionItem } from "../functions/function-item.ts";
import type { Parts } from "../parts.ts";
import { NoFunctionError } from "./no-function.ts";

/**
 * The function a command is meant for: the tree's line, the Explorer's file, a name, the active
 * editor's; else the user is asked. Undefined: the user gave up.
 */
export async function functionOf(
  parts: Parts,
  argument: unknown,
  accept: (item: FunctionItem) => boolean = () => true,
): Promise<FunctionItem | undefined> {
  const given = itemOf(parts, argument);
  if (given) return given;
  const items = parts.items().filter(accept);
  if (argument === undefined) {
    const active = window.activeTextEditor?.document.uri;
    const edited = active && itemOf(parts, active);
    if (edited && accept(edited)) return edited;
    if (items.length === 1) return items[0];
  }
  if (items.length === 0) {
    throw new NoFunctionError(l10n.t("There is no function here that this could be done with."));
  }
  const picked = await window.showQuickPick(
    items.map((item) => ({
      label: item.name,
      description: item.project?.manifest.language ?? item.summary?.settings.language ?? "",
      item,
    })),
    { placeHolder: l10n.t("Choose a function") },
  );
  return picked?.item;
}

/**
 * The project of a command's argument, as {@link functionOf}.
 * @throws MocError MOC_MANIFEST when it is the function of a file, whose moc.json is not valid
 */
export async function projectFor(
  parts: Parts,
  argument: unknown,
): Promise<FunctionProject | undefined> {
  const uri = argument === undefined ? window.activeTextEditor?.document.uri : argument;
  const broken = uri instanceof Uri ? parts.projects.brokenAt(uri.fsPath) : undefined;
  if (broken) throw broken.error;
  const item = await functionOf(parts, argument, ({ project }) => project !== undefined);
  return item?.project;
}

function itemOf(parts: Parts, argument: unknown): FunctionItem | undefined {
  const byName = (name: string): FunctionItem | undefined =>
    parts.items().find((item) => item.name === name);
  if (typeof argument === "string") return byName(argument);
  if (argument instanceof Uri) {
    const project = parts.projects.containing(argument.fsPath);
    return project && byName(project.manifest.name);
  }
  if (typeof argument === "object" && argument !== null && "plug" in argument) {
    return byName((argument.plug as Plug).name);
  }
  if (typeof argument === "object" && argument !== null && "item" in argument) {
    // Lines of the Functions view carry their function; it may have changed since they were drawn.
    const { name } = argument.item as FunctionItem;
    return byName(name);
  }
  return undefined;
}
