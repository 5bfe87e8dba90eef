import { join, relative, resolve } from "node:path";
import {
  ProcessExecution,
  Task,
  type TaskDefinition,
  TaskGroup,
  type TaskProvider,
  TaskScope,
  Uri,
  workspace,
} from "vscode";
import { MANIFEST_FILE } from "../devkit/manifest.ts";
import { PROBLEM_MATCHER, TASK_TYPE } from "./contributions/views.ts";
import type { Projects } from "./projects.ts";

/** Verbs of the command line. */
const ACTIONS = ["build", "deploy", "test"] as const;

/** A task of our type in tasks.json. */
interface MocTask extends TaskDefinition {
  readonly action: (typeof ACTIONS)[number];
  /** Relative to the workspace folder; default: the folder itself. */
  readonly folder?: string;
}

interface TaskParts {
  readonly projects: Projects;
  readonly cli: string;
  readonly dataFolder: () => string;
  readonly node: () => { readonly path: string; readonly env: Readonly<Record<string, string>> };
}

/** Build, deploy and test as tasks, so that others can depend on them. */
export class MocTasks implements TaskProvider {
  readonly #parts: TaskParts;

  constructor(parts: TaskParts) {
    this.#parts = parts;
  }

  provideTasks(): Task[] {
    return this.#parts.projects.list.flatMap(({ folder, manifest }) => {
      return ACTIONS.map((action) =>
        this.#task(
          { type: TASK_TYPE, action, ...placeOf(folder) },
          folder,
          `${action} ${manifest.name}`,
        ),
      );
    });
  }

  resolveTask(task: Task): Task | undefined {
    const definition = task.definition as MocTask;
    if (!ACTIONS.includes(definition.action)) return undefined;
    const scope = typeof task.scope === "object" ? task.scope : workspace.workspaceFolders?.[0];
    if (!scope) return undefined;
    const folder = resolve(scope.uri.fsPath, definition.folder ?? ".");
    return this.#task(definition, folder, task.name);
  }

  #task(definition: MocTask, folder: string, name: string): Task {
    const { path, env } = this.#parts.node();
    const { action } = definition;
    const target = action === "build" ? [] : ["--data", this.#parts.dataFolder()];
    const execution = new ProcessExecution(path, [this.#parts.cli, action, ...target], {
      cwd: folder,
      env: { ...env },
    });
    const scope = workspace.getWorkspaceFolder(Uri.file(join(folder, MANIFEST_FILE)));
    const task = new Task(
      definition,
      scope ?? TaskScope.Workspace,
      name,
      "my-own-cluster",
      execution,
      `$${PROBLEM_MATCHER}`,
    );
    task.group = action === "test" ? TaskGroup.Test : TaskGroup.Build;
    return task;
  }
}

/** The function's folder within its workspace folder; left out where they are the same. */
function placeOf(folder: string): Pick<MocTask, "folder"> {
  const scope = workspace.getWorkspaceFolder(Uri.file(join(folder, MANIFEST_FILE)));
  const place = scope ? relative(scope.uri.fsPath, folder).replaceAll("\\", "/") : folder;
  return place === "" ? {} : { folder: place };
}
