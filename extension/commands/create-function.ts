import { join } from "node:path";
import { commands, l10n, type QuickPickItem, Uri, window, workspace } from "vscode";
import { readProject } from "../../devkit/manifest.ts";
import { validateName } from "../../devkit/names.ts";
import {
  createFunction,
  listTemplates,
  obstacleIn,
  type Template,
  validateVariable,
} from "../../devkit/templates.ts";
import type { Parts } from "../parts.ts";
import { deployNow } from "./deploy-now.ts";
import { openLater } from "./open-created.ts";
import { showForGood } from "./show-for-good.ts";
import { pickStep, runSteps, type StepEnd, textStep } from "./wizard.ts";

interface Choice {
  template: Template | undefined;
  name: string;
  parent: string;
  variables: Record<string, string>;
}

/** Create Function…: template, name, folder, then the template's own questions. */
export async function createFunctionCommand(parts: Parts): Promise<void> {
  const templates = await listTemplates(join(parts.context.extensionPath, "templates"));
  const choice: Choice = {
    template: undefined,
    name: "",
    parent: workspace.workspaceFolders?.[0]?.uri.fsPath ?? "",
    variables: {},
  };
  const finished = await runSteps(() => [
    () => templateStep(templates, choice),
    () => nameStep(parts, choice),
    () => folderStep(choice),
    ...(choice.template?.variables ?? []).map((_, index) => () => variableStep(choice, index)),
  ]);
  const { template, name, parent, variables } = choice;
  if (!finished || !template) return;
  const folder = join(parent, name);
  const created = await createFunction({ template, name, folder, variables });
  const file = Uri.file(created.mainFile);
  if (!workspace.getWorkspaceFolder(file)) {
    await openLater(parts, created.mainFile);
    await commands.executeCommand("vscode.openFolder", Uri.file(folder));
    return;
  }
  await showForGood(file);
  await parts.projects.refresh();
  await deployNow(parts, await readProject(created.folder));
}

interface TemplateItem extends QuickPickItem {
  readonly template: Template;
}

const TITLE = (): string => l10n.t("Create Function");
const STEPS = 3;

/** The template's own questions come after the common ones. */
function stepsOf({ template }: Choice): number {
  return STEPS + (template?.variables.length ?? 0);
}

/** What most can read comes first; the rest stays in the order of titles. */
const FAMILIAR: readonly string[] = ["javascript", "typescript", "rust", "go", "c", "wgsl"];

function byFamiliarity(a: Template, b: Template): number {
  const rank = ({ language }: Template): number => {
    const found = FAMILIAR.indexOf(language);
    return found < 0 ? FAMILIAR.length : found;
  };
  return rank(a) - rank(b);
}

async function templateStep(templates: readonly Template[], choice: Choice): Promise<StepEnd> {
  const items: TemplateItem[] = [...templates].sort(byFamiliarity).map((template) => ({
    label: l10n.t(template.title),
    description: template.language,
    detail: l10n.t(template.description),
    template,
  }));
  const result = await pickStep({
    title: TITLE(),
    step: 1,
    totalSteps: STEPS,
    placeholder: l10n.t("Choose a language and template"),
    items,
  });
  if (result.kind !== "value") return result.kind;
  choice.template = result.value.template;
  return "next";
}

async function nameStep(parts: Parts, choice: Choice): Promise<StepEnd> {
  const taken = new Set(parts.items().map(({ name }) => name));
  const roots = workspace.workspaceFolders ?? [];
  const base = "hello";
  let suggestion = base;
  for (let count = 2; taken.has(suggestion); count++) suggestion = `${base}-${count}`;
  const result = await textStep({
    title: TITLE(),
    step: 2,
    totalSteps: stepsOf(choice),
    prompt: l10n.t("Name of the function; it is part of its first URL"),
    value: choice.name || suggestion,
    validate: async (name) => {
      const problem = validateName(name);
      if (problem !== undefined) return problem;
      if (taken.has(name)) return l10n.t("There is a function {0} already.", name);
      // With several folders to choose from, another one may be free.
      const [root] = roots.length === 1 ? roots : [];
      if (!root) return undefined;
      const obstacle = await obstacleIn(join(root.uri.fsPath, name));
      return obstacle && l10n.t("{0} exists already: choose another name.", obstacle);
    },
  });
  if (result.kind !== "value") return result.kind;
  choice.name = result.value;
  return "next";
}

async function folderStep(choice: Choice): Promise<StepEnd> {
  const roots = workspace.workspaceFolders ?? [];
  const browse = { label: `$(folder-opened) ${l10n.t("Choose another folder…")}`, path: "" };
  const items = [
    ...roots.map(({ uri, name }) => ({
      label: `$(root-folder) ${name}`,
      description: join(uri.fsPath, choice.name),
      path: uri.fsPath,
    })),
    browse,
  ];
  const result = await pickStep({
    title: TITLE(),
    step: 3,
    totalSteps: stepsOf(choice),
    placeholder: l10n.t("Folder in which {0} is made", choice.name),
    items,
  });
  if (result.kind !== "value") return result.kind;
  const parent = result.value.path || (await browseFolder(choice.parent));
  if (parent === undefined) return "again";
  const target = join(parent, choice.name);
  const obstacle = await obstacleIn(target);
  if (obstacle !== undefined) {
    void window.showErrorMessage(
      l10n.t("{0} exists already: choose another name or folder.", obstacle),
    );
    return "again";
  }
  choice.parent = parent;
  return "next";
}

async function browseFolder(start: string): Promise<string | undefined> {
  const [folder] =
    (await window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      title: l10n.t("Folder in which the function is made"),
      ...(start && { defaultUri: Uri.file(start) }),
    })) ?? [];
  return folder?.fsPath;
}

async function variableStep(choice: Choice, index: number): Promise<StepEnd> {
  const variables = choice.template?.variables ?? [];
  const variable = variables[index];
  if (!variable) return "next";
  const result = await textStep({
    title: TITLE(),
    step: STEPS + 1 + index,
    totalSteps: stepsOf(choice),
    prompt: l10n.t(variable.title),
    value: choice.variables[variable.name] ?? variable.default,
    validate: (value) => validateVariable(variable, value),
  });
  if (result.kind !== "value") return result.kind;
  choice.variables[variable.name] = result.value;
  return "next";
}
