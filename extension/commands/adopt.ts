import { access, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { l10n, type QuickPickItem, Uri, window, workspace } from "vscode";
import { MANIFEST_FILE, readProject } from "../../devkit/manifest.ts";
import { validateName, validatePlugPath } from "../../devkit/names.ts";
import { obstacleIn } from "../../devkit/templates.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import { type Adoption, adoptionChoices, adoptionManifest } from "../functions/adoption.ts";
import type { Parts } from "../parts.ts";
import { deployNow } from "./deploy-now.ts";
import { showForGood } from "./show-for-good.ts";
import { pickStep, runSteps, type StepEnd, textStep } from "./wizard.ts";

/** Adopt Folder or File as Function…: asks what it is, writes moc.json, deploys. */
export async function adoptCommand(parts: Parts, argument: unknown): Promise<void> {
  const path = argument instanceof Uri ? argument.fsPath : await choosePath();
  if (path !== undefined) await adopt(parts, path);
}

/** The wizard for a path. */
export async function adopt(parts: Parts, path: string): Promise<void> {
  const directory = (await stat(path)).isDirectory();
  if (directory && (await present(join(path, MANIFEST_FILE)))) {
    const manifestFile = join(path, MANIFEST_FILE);
    throw new MocError(
      "MOC_CONFLICT",
      l10n.t("{0} belongs to a function already: edit {1}.", basename(path), manifestFile),
    );
  }
  const choices = await adoptionChoices(path, (message, ...values) => l10n.t(message, ...values));
  if (choices.length === 0) {
    throw new MocError(
      "MOC_BAD_REQUEST",
      l10n.t("{0} holds nothing that can be a function or be served.", basename(path)),
    );
  }
  const adoption = await ask(parts, path, choices);
  if (!adoption) return;
  if (directory) await write(parts, path, adoption);
  else await adoptFile(parts, path, adoption);
}

/**
 * A lone file gets a folder beside it when the one that it is in belongs to others too: a moc.json
 * there would make everything below it part of this function.
 */
async function adoptFile(parts: Parts, path: string, adoption: Adoption): Promise<void> {
  const inside = dirname(path);
  const siblings = await readdir(inside);
  const isAlone = siblings.length === 1 && !isRoot(inside);
  if (isAlone) return write(parts, inside, adoption);
  const folder = join(inside, adoption.name);
  const obstacle = await obstacleIn(folder);
  if (obstacle !== undefined) {
    const message = l10n.t("{0} exists already: choose another name.", obstacle);
    throw new MocError("MOC_CONFLICT", message);
  }
  await mkdir(folder, { recursive: true });
  await write(parts, folder, { ...adoption, source: `../${basename(path)}` });
}

async function write(parts: Parts, folder: string, adoption: Adoption): Promise<void> {
  const manifestFile = join(folder, MANIFEST_FILE);
  const text = `${JSON.stringify(adoptionManifest(adoption), null, 2)}\n`;
  await writeFile(manifestFile, text, { flag: "wx" });
  await showForGood(Uri.file(manifestFile));
  await parts.projects.refresh();
  await deployNow(parts, await readProject(folder));
}

type Choices = Awaited<ReturnType<typeof adoptionChoices>>;

interface Answers {
  choice: Choices[number] | undefined;
  name: string;
  url: string;
}

/** Where there is one way to look at it, that is not asked. */
async function ask(parts: Parts, path: string, choices: Choices): Promise<Adoption | undefined> {
  const answers: Answers = { choice: choices[0], name: suggestedName(path), url: "" };
  const title = l10n.t("Adopt {0}", basename(path));
  const steps = [
    ...(choices.length > 1 ? [choiceStep(choices, answers)] : []),
    nameStep(parts, answers),
    pathStep(answers),
  ];
  const totalSteps = steps.length;
  const finished = await runSteps(() =>
    steps.map((run, index) => () => run({ title, step: index + 1, totalSteps })),
  );
  const { choice, name, url } = answers;
  return finished && choice ? { ...choice, name, path: url } : undefined;
}

type Step = (place: {
  readonly title: string;
  readonly step: number;
  readonly totalSteps: number;
}) => Promise<StepEnd>;

function choiceStep(choices: Choices, answers: Answers): Step {
  return async (place) => {
    const items = choices.map((choice): QuickPickItem & { choice: Choices[number] } => ({
      label: choice.language,
      description: choice.source ?? "",
      detail: choice.reason,
      choice,
    }));
    const result = await pickStep({ ...place, placeholder: l10n.t("What is it?"), items });
    if (result.kind !== "value") return result.kind;
    answers.choice = result.value.choice;
    return "next";
  };
}

function nameStep(parts: Parts, answers: Answers): Step {
  const taken = new Set(parts.items().map(({ name }) => name));
  const validate = (name: string): string | undefined =>
    validateName(name) ??
    (taken.has(name) ? l10n.t("There is a function {0} already.", name) : undefined);
  return async (place) => {
    const prompt = l10n.t("Name of the function");
    const result = await textStep({ ...place, prompt, value: answers.name, validate });
    if (result.kind !== "value") return result.kind;
    answers.name = result.value;
    return "next";
  };
}

function pathStep(answers: Answers): Step {
  return async (place) => {
    const prompt = l10n.t("Path at which it answers");
    const value = answers.url || `/${answers.name}`;
    const result = await textStep({ ...place, prompt, value, validate: validatePlugPath });
    if (result.kind !== "value") return result.kind;
    answers.url = result.value;
    return "next";
  };
}

function suggestedName(path: string): string {
  const base = basename(path, extname(path));
  return base.replaceAll(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "") || "function";
}

function isRoot(folder: string): boolean {
  return (workspace.workspaceFolders ?? []).some(({ uri }) => uri.fsPath === folder);
}

async function choosePath(): Promise<string | undefined> {
  const [uri] =
    (await window.showOpenDialog({
      canSelectFolders: true,
      canSelectFiles: true,
      title: l10n.t("Folder or file to adopt"),
    })) ?? [];
  return uri?.fsPath;
}

async function present(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
