import { l10n, type Task, tasks, workspace } from "vscode";
import { MocError } from "../runtime/protocol/errors.ts";

/**
 * Runs a task of tasks.json to its end.
 * @throws MocError MOC_NOT_FOUND, MOC_BUILD_FAILED when it fails
 */
export async function runTask(label: string): Promise<void> {
  const task = await taskNamed(label);
  if (!task) {
    throw new MocError("MOC_NOT_FOUND", l10n.t("There is no task {0} in tasks.json.", label));
  }
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  // Listened to before it starts: it may be over at once. One without a process has no exit code.
  const listeners = [
    tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      if (execution.task.name === label) resolve(exitCode);
    }),
    tasks.onDidEndTask(({ execution }) => {
      if (execution.task.name === label) setTimeout(() => resolve(0), EXIT_CODE_LATE_MS);
    }),
  ];
  try {
    await tasks.executeTask(task);
    const code = await promise;
    if (code !== 0) {
      throw new MocError(
        "MOC_BUILD_FAILED",
        l10n.t("The task {0} ended with {1}: nothing was deployed.", label, code ?? "?"),
      );
    }
  } finally {
    for (const listener of listeners) listener.dispose();
  }
}

/** How long the exit code may come after the end of its task. */
const EXIT_CODE_LATE_MS = 500;

/** Asked for by its type where tasks.json tells it: those who offer others read the workspace, for seconds. */
async function taskNamed(label: string): Promise<Task | undefined> {
  const isMeant = (task: Task): boolean => task.name === label;
  const written: unknown = workspace.getConfiguration("tasks").get("tasks");
  const declared = Array.isArray(written) ? (written as readonly (Declared | null)[]) : [];
  const type = declared.find((one) => one?.label === label)?.type;
  const found = type === undefined ? undefined : (await tasks.fetchTasks({ type })).find(isMeant);
  return found ?? (await tasks.fetchTasks()).find(isMeant);
}

/** An entry of tasks.json, as far as it matters here. */
interface Declared {
  readonly label?: string;
  readonly type?: string;
}
