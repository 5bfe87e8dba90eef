import { commands, l10n, window, workspace } from "vscode";
import { MocError } from "../runtime/protocol/errors.ts";
import { NoFunctionError } from "./commands/no-function.ts";
import { COMMANDS, type CommandName, commandId } from "./contributions/commands.ts";
import type { Parts } from "./parts.ts";

/** Registers every declared command; a failure is logged, and shown once with the log at hand. */
export function registerCommands(parts: Parts): void {
  for (const name of Object.keys(COMMANDS) as CommandName[]) {
    const run = (argument: unknown, selection: unknown): Promise<void> =>
      runCommand(parts, name, argument, Array.isArray(selection) ? selection : []);
    parts.context.subscriptions.push(commands.registerCommand(commandId(name), run));
  }
}

async function runCommand(
  parts: Parts,
  name: CommandName,
  argument: unknown,
  selection: readonly unknown[],
): Promise<void> {
  try {
    const { HANDLERS, RESTRICTED_OK } = await import("./commands/list.ts");
    // Links and keybindings do not look at enablement.
    if (!workspace.isTrusted && !RESTRICTED_OK.has(name)) {
      throw new MocError(
        "MOC_FORBIDDEN",
        l10n.t("Trust this workspace first: nothing is built or run in Restricted Mode."),
      );
    }
    await HANDLERS[name](parts, argument, selection);
  } catch (cause) {
    const error = MocError.from(cause);
    if (error.code === "MOC_CANCELLED") return;
    parts.logs.extension.error(
      `${name}: ${error.code} ${error.message}${cause instanceof Error && error.code === "MOC_INTERNAL" ? `\n${cause.stack}` : ""}`,
    );
    // The command is over, whenever somebody takes notice.
    void (error instanceof NoFunctionError ? offerCreate(error) : tell(parts, error));
  }
}

async function tell({ logs }: Parts, { code, message }: MocError): Promise<void> {
  const log = l10n.t("Show Log");
  const problems = l10n.t("Show Problems");
  // Of a file with many mistakes the first is enough here.
  const [first = message] = message.split("\n", 1);
  const choices = code === "MOC_MANIFEST" ? [problems, log] : [log];
  const choice = await window.showErrorMessage(first, ...choices);
  if (choice === log) logs.show("extension");
  if (choice === problems) await commands.executeCommand("workbench.actions.view.problems");
}

async function offerCreate({ message }: NoFunctionError): Promise<void> {
  const create = l10n.t("Create Function…");
  if ((await window.showWarningMessage(message, create)) === create) {
    await commands.executeCommand(commandId("createFunction"));
  }
}
