import { basename, join } from "node:path";
import { l10n, Uri, window, workspace } from "vscode";
import type { FunctionProject } from "../../devkit/manifest.ts";
import { SAMPLES_FOLDER } from "../../devkit/samples.ts";

/**
 * Writes a sample into its function's folder, under a name that the user chooses.
 * @param text content of the file, by its path
 * @param name what is offered as its name, without ending
 * @returns the file; undefined when the user changed their mind
 */
export async function saveSample(
  { folder }: Pick<FunctionProject, "folder">,
  text: (file: string) => string,
  name = "sample",
): Promise<string | undefined> {
  const samples = join(folder, SAMPLES_FOLDER);
  const chosen = await window.showInputBox({
    title: l10n.t("Save as Sample"),
    prompt: l10n.t("Name of the file in {0}", samples),
    value: name,
    validateInput: (value) =>
      /^[\w][\w .-]*$/.test(value) ? undefined : l10n.t("Use letters, digits, spaces, . _ -"),
  });
  if (chosen === undefined) return undefined;
  const file = join(samples, `${chosen.replace(/\.json$/, "")}.json`);
  const uri = Uri.file(file);
  if ((await exists(uri)) && !(await mayOverwrite(basename(file)))) return undefined;
  await workspace.fs.writeFile(uri, Buffer.from(text(file)));
  return file;
}

async function exists(uri: Uri): Promise<boolean> {
  return workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}

async function mayOverwrite(name: string): Promise<boolean> {
  const overwrite = l10n.t("Overwrite");
  const question = l10n.t("{0} exists already.", name);
  return (await window.showWarningMessage(question, { modal: true }, overwrite)) === overwrite;
}
