import { join } from "node:path";
import {
  type DebugSession,
  Disposable,
  debug,
  DebugConfigurationProviderTriggerKind as Trigger,
} from "vscode";
import { DEBUG_TYPE } from "../contributions/debuggers.ts";
import type { Parts } from "../parts.ts";
import { DebugConfigurations } from "./debug-configurations.ts";
import { whenReady } from "./debugger-ready.ts";
import { type DebuggedFunction, FunctionDebugger } from "./function-debugger.ts";

/** The debugger's own type of session that ours become. */
const ADAPTER = "pwa-node";

/** Follows debug sessions of ours: invokes when breakpoints are set, restores at the end. */
export function registerDebugger(parts: Parts): Disposable {
  const { context, live, reporter, logs, runtime, dataFolder } = parts;
  const functions = new FunctionDebugger({
    extensionPath: context.extensionPath,
    memory: context.workspaceState,
    logs,
    live,
    reporter,
    dataFolder,
    ensure: () => runtime.ensure(),
  });
  const configurations = new DebugConfigurations(parts, functions);
  const rootOf = (session: DebugSession): DebugSession =>
    session.parentSession ? rootOf(session.parentSession) : session;
  const functionOf = (session: DebugSession): DebuggedFunction | undefined =>
    functions.session(rootOf(session).configuration.mocSession);

  void functions.restoreLeft();
  return Disposable.from(
    functions,
    debug.registerDebugConfigurationProvider(DEBUG_TYPE, configurations),
    // Whatever resolves is asked, so this one must not.
    debug.registerDebugConfigurationProvider(
      DEBUG_TYPE,
      { provideDebugConfigurations: (folder) => configurations.provideDebugConfigurations(folder) },
      Trigger.Dynamic,
    ),
    debug.onDidStartDebugSession((session) => {
      const one = functionOf(session);
      if (one) functions.attached(one);
    }),
    debug.onDidTerminateDebugSession((session) => {
      const one = session.parentSession ? undefined : functionOf(session);
      if (one) void functions.end(one.id);
    }),
    debug.registerDebugAdapterTrackerFactory(ADAPTER, {
      // The executor is a child of the session that was started, and a new one after a restart.
      createDebugAdapterTracker: (session) => {
        const one = session.parentSession && functionOf(session);
        return (
          one &&
          whenReady(
            (path) => functions.isGuestSource(one, path),
            () => void invoke(parts, one, rootOf(session)),
          )
        );
      },
    }),
  );
}

/** Sends the chosen sample input, or the request as it was last. */
async function invoke(
  { requests, items, logs }: Parts,
  { project }: DebuggedFunction,
  { configuration }: DebugSession,
): Promise<void> {
  const { name } = project.manifest;
  const item = items().find((one) => one.name === name);
  if (!configuration.invoke || !item) return;
  const { sample } = configuration;
  const file = typeof sample === "string" ? { sample: join(project.folder, sample) } : {};
  try {
    await (await requests.get()).open(item, { ...file, send: true });
  } catch (error) {
    logs.extension.error(`debug: ${error}`);
  }
}
