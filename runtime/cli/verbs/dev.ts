import { closeBuilders } from "../../../devkit/builders/list.ts";
import { Client } from "../../../devkit/client.ts";
import type { DeploySuccess } from "../../../devkit/deploy.ts";
import { ensureRuntime, type RuntimeHandle } from "../../../devkit/runtime-process.ts";
import { nearestDataFolder, resolveTarget } from "../../../devkit/target.ts";
import { type LiveEvent, watch } from "../../../devkit/watch.ts";
import { MocError } from "../../protocol/errors.ts";
import { printLog } from "../print-log.ts";
import { printFailure, printSaved } from "../print-outcome.ts";
import { type TargetArguments, targetOptions } from "../target-options.ts";
import type { Terminal } from "../terminal.ts";
import { defineVerb, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "dev",
  usage: "[FOLDER]",
  summary: "Deploy the functions in a folder and deploy them again at each save.",
  details: ["Starts a runtime when none is running; it ends together with this command."],
  operands: { min: 0, max: 1 },
  options: {
    ...TARGET_OPTIONS,
    port: { kind: "value", value: "PORT", doc: "port of a runtime that has to be started" },
  },
  async run({ operands: [folder = "."], options, terminal }) {
    const stop = new AbortController();
    const onSignal = (): void => stop.abort();
    process.once("SIGINT", onSignal);
    process.once("SIGTERM", onSignal);
    const { client, runtime } = await findOrStart(options, options.port, terminal);
    try {
      const deployed = new Map<string, DeploySuccess>();
      const watcher = await watch(client, folder, {
        onEvent: (event) => printEvent(event, deployed, terminal),
        onProgress: (message) => terminal.progress(message),
      });
      terminal.line(terminal.style("dim", "Watching. Stop with Ctrl-C."));
      runtime?.ended.then(() => stop.abort());
      await printLogs(client, stop.signal, terminal);
      await watcher.close();
    } finally {
      client.close();
      await closeBuilders();
      await runtime?.stop();
    }
    return 0;
  },
});

interface Found {
  readonly client: Client;
  /** Set when it was started for this command. */
  readonly runtime?: RuntimeHandle;
}

async function findOrStart(
  options: TargetArguments,
  port: string | undefined,
  terminal: Terminal,
): Promise<Found> {
  try {
    const client = new Client(await resolveTarget(targetOptions(options)));
    await client.call("status");
    return { client };
  } catch (error) {
    const unreachable = error instanceof MocError && error.code === "MOC_UNREACHABLE";
    const remote = options.baseUrl ?? process.env.MYOWNCLUSTER_SERVER_BASE_URL;
    if (!unreachable || remote !== undefined) throw error;
  }
  const dataFolder = options.data ?? (await nearestDataFolder(process.cwd()));
  terminal.note(`No runtime is running: starting one on ${dataFolder}`);
  const handle = await ensureRuntime({
    dataFolder,
    command: [process.execPath, process.argv[1] ?? ""],
    arguments: port === undefined ? [] : ["--port", port],
    onOutput: (line) => terminal.note(terminal.errorStyle("dim", line)),
  });
  const { url: baseUrl, token, certificate } = handle.instance;
  const client = new Client({ baseUrl, token, certificate, dataFolder });
  return { client, ...(handle.owned && { runtime: handle }) };
}

/** @param deployed - what was told of each function last */
function printEvent(
  event: LiveEvent,
  deployed: Map<string, DeploySuccess>,
  terminal: Terminal,
): void {
  switch (event.kind) {
    case "building":
      terminal.progress(`building ${event.project.manifest.name} …`);
      return;
    case "deployed":
      printSaved(event.outcome, event.durationMs, deployed.get(event.outcome.name), terminal);
      deployed.set(event.outcome.name, event.outcome);
      return;
    case "failed":
      printFailure(event.outcome, terminal);
      return;
    case "error":
      terminal.note(`${terminal.errorStyle("red", "error:")} ${event.error.message}`);
      return;
    case "gone":
      terminal.note(
        `${event.folder} has no moc.json any more; ${event.name} stays deployed until "moc undeploy ${event.name}".`,
      );
  }
}

/** Live log until the signal. */
async function printLogs(client: Client, signal: AbortSignal, terminal: Terminal): Promise<void> {
  for await (const event of client.events({ kinds: ["log"], signal })) {
    if (event.kind === "log") printLog(event.line, terminal);
  }
}
