import { closeBuilders } from "../../../devkit/builders/list.ts";
import { Client } from "../../../devkit/client.ts";
import type { DeploySuccess } from "../../../devkit/deploy.ts";
import { noFunctionsIn } from "../../../devkit/find-functions.ts";
import type { LiveEvent } from "../../../devkit/live.ts";
import { ensureRuntime, type RuntimeHandle } from "../../../devkit/runtime-process.ts";
import { meantDataFolder, resolveTarget } from "../../../devkit/target.ts";
import { watch } from "../../../devkit/watch.ts";
import { MocError } from "../../protocol/errors.ts";
import { printLog } from "../print-log.ts";
import { printFailure, printFolderError, printSaved } from "../print-outcome.ts";
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
    const { client, runtime } = await findOrStart(options, options.port, terminal, stop.signal);
    let lost = false;
    void runtime?.ended.then(() => {
      lost = !stop.signal.aborted;
      stop.abort();
    });
    try {
      const told = new Told(terminal);
      const watcher = await watch(client, folder, {
        onEvent: (event) => {
          // Ctrl-C reaches the runtime too: what it cuts off is no news.
          if (!stop.signal.aborted) told.event(event);
        },
        onProgress: (message) => terminal.progress(message),
        signal: stop.signal,
      });
      told.isWatching = true;
      if (told.isEmpty)
        terminal.note(`${noFunctionsIn(folder)} It is live as soon as it is there.`);
      if (!stop.signal.aborted) {
        terminal.line(terminal.style("dim", "Watching. Stop with Ctrl-C."));
      }
      await printLogs(client, stop.signal, terminal);
      await watcher.close();
    } finally {
      client.close();
      await closeBuilders();
      await runtime?.stop();
    }
    if (!lost) return 0;
    const label = terminal.errorStyle("red", "error:");
    terminal.note(`${label} The runtime ended by itself; its data are safe. Start again: moc dev`);
    return 1;
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
  signal: AbortSignal,
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
  const dataFolder = await meantDataFolder(options.data);
  terminal.note(`No runtime is running: starting one on ${dataFolder}`);
  const handle = await startOn(dataFolder, port, terminal, signal);
  const { url: baseUrl, token, certificate } = handle.instance;
  const client = new Client({ baseUrl, token, certificate, dataFolder });
  return { client, ...(handle.owned && { runtime: handle }) };
}

/** On the usual port, or on a free one where another runtime has that; the user's own choice stands. */
async function startOn(
  dataFolder: string,
  port: string | undefined,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<RuntimeHandle> {
  const start = (port: string | undefined): Promise<RuntimeHandle> =>
    ensureRuntime({
      dataFolder,
      command: [process.execPath, process.argv[1] ?? ""],
      arguments: port === undefined ? [] : ["--port", port],
      signal,
      onOutput: (line) => {
        // Why it did not start is told by the error that is thrown then.
        if (!line.startsWith("error:")) terminal.note(terminal.errorStyle("dim", line));
      },
    });
  try {
    return await start(port);
  } catch (error) {
    const isTaken = error instanceof MocError && error.code === "MOC_PORT_IN_USE";
    if (!isTaken || port !== undefined) throw error;
    terminal.note("The usual port is taken: choosing a free one");
    return start("0");
  }
}

/** What was told of the functions, by folder. */
class Told {
  /** From now on what is deployed was saved. */
  isWatching = false;
  /** Nothing was told: there is no function. */
  isEmpty = true;
  readonly #deployed = new Map<string, DeploySuccess>();
  readonly #builds = new Map<string, number>();
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  event(event: LiveEvent): void {
    this.isEmpty = false;
    const terminal = this.#terminal;
    switch (event.kind) {
      case "building":
        this.#builds.set(event.project.folder, this.#buildsOf(event.project.folder) + 1);
        terminal.progress(`building ${event.project.manifest.name} …`);
        return;
      case "deployed": {
        const { outcome, durationMs, project } = event;
        const isSave = this.isWatching || this.#buildsOf(project.folder) > 1;
        const since = isSave ? "save" : "start";
        const before = this.#deployed.get(project.folder);
        printSaved(outcome, { durationMs, since, before }, terminal);
        this.#deployed.set(project.folder, outcome);
        return;
      }
      case "failed":
        printFailure(event.outcome, terminal);
        if (this.#deployed.has(event.project.folder)) {
          terminal.note("The version before goes on answering.");
        }
        return;
      case "error":
        printFolderError(event.folder, event.error, terminal);
        return;
      case "gone":
        terminal.note(
          `${event.folder} has no moc.json any more; ${event.name} stays deployed until "moc undeploy ${event.name}".`,
        );
    }
  }

  #buildsOf(folder: string): number {
    return this.#builds.get(folder) ?? 0;
  }
}

/** Live log until the signal. */
async function printLogs(client: Client, signal: AbortSignal, terminal: Terminal): Promise<void> {
  for await (const event of client.events({ kinds: ["log"], signal })) {
    if (event.kind === "log") printLog(event.line, terminal);
  }
}
