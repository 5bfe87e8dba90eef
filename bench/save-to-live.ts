/**
 * From a saved file to the first answer of the new version: projects made from their templates, kept
 * live by the devkit's watch on a runtime in a process of its own. Where a compiler of the system
 * makes the artefact, the very same command is timed bare, in the same minutes.
 */
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { builderFor, closeBuilders } from "../devkit/builders/list.ts";
import type { LiveEvent } from "../devkit/live.ts";
import { type FunctionProject, readProject } from "../devkit/manifest.ts";
import { runTool, type ToolRun, toolRuns } from "../devkit/run-tool.ts";
import { createFunction, listTemplates } from "../devkit/templates.ts";
import { watch } from "../devkit/watch.ts";
import { type Instance, startInstance } from "./instance.ts";
import type { Report } from "./report.ts";

interface Case {
  readonly name: string;
  readonly template: string;
  /** Changes of the manifest. */
  readonly manifest?: object;
  /** The word of the source that is changed at each save; it is in the answer. */
  readonly word: string;
  /** Most that a save may take, in ms; beside the compiler's own time where `plusCompiler`. */
  readonly limitMs: number;
  readonly plusCompiler?: boolean;
}

const CASES: readonly Case[] = [
  { name: "javascript", template: "javascript", word: "Hello", limitMs: 60 },
  { name: "typescript", template: "typescript", word: "Hello", limitMs: 60 },
  { name: "wat", template: "wat", word: "null", limitMs: 80 },
  {
    name: "c by @yowasp/clang, warm",
    template: "c",
    manifest: { compiler: "yowasp-clang" },
    word: "Hello",
    limitMs: 600,
  },
  { name: "rust", template: "rust", word: "Hello", limitMs: 60, plusCompiler: true },
  { name: "go", template: "go-reactor", word: "Hello", limitMs: 60, plusCompiler: true },
];

const SAVES = 12;
/** The first saves find caches and compilers cold: clang's code is optimized while it runs. */
const WARM_UP = 4;
/** Nobody saves again while the runtime still gets ready for the next version. */
const PAUSE_MS = 400;
const ANSWER_MS_MAX = 60_000;

export async function measureSaveToLive(report: Report): Promise<void> {
  const instance = await startInstance();
  const root = await mkdtemp(join(await realpath(tmpdir()), "moc-bench-save-"));
  try {
    for (const one of CASES) await measureCase(report, instance, join(root, one.template), one);
  } finally {
    await closeBuilders();
    await instance.stop();
    await rm(root, { recursive: true, force: true });
  }
}

async function measureCase(
  report: Report,
  instance: Instance,
  folder: string,
  one: Case,
): Promise<void> {
  const project = await makeProject(folder, one);
  const status = await builderFor(project).check(project);
  if (!status.ok) {
    console.log(`save         ${one.name}: skipped: ${status.missing}`);
    return;
  }
  const source = await readFile(join(folder, "function", sourceOf(project)), "utf8");
  const edited = (version: number) => source.replace(one.word, word(one.word, version));
  const bare = one.plusCompiler ? new BareCompiler(project) : undefined;
  const told = new Told();
  const watcher = await watch(instance.client, project.folder, { onEvent: (e) => told.event(e) });
  await told.deployed;
  const times: number[] = [];
  const compiler: number[] = [];
  for (let version = 1; version <= SAVES + WARM_UP; version++) {
    const save = { text: edited(version), expected: word(one.word, version) };
    const ms = await saveToLive(instance, project, save, told);
    const bareMs = await bare?.run(edited(version));
    await sleep(PAUSE_MS);
    if (version <= WARM_UP) continue;
    times.push(ms);
    if (bareMs !== undefined) compiler.push(bareMs);
  }
  await watcher.close();
  bare?.close();
  const own = compiler.length > 0 ? median(compiler) : undefined;
  const load = `load ${loadavg()[0]?.toFixed(1)}`;
  const note = own === undefined ? load : `compiler alone ${own.toFixed(0)} ms, ${load}`;
  report.add({
    group: "save",
    name: `save to live, ${one.name}, p50`,
    value: median(times),
    unit: "ms",
    target: {
      sense: "at most",
      limit: one.limitMs + (own ?? 0),
      of: own === undefined ? "issue" : `compiler alone + ${one.limitMs} ms`,
    },
    note,
  });
}

/** In a folder of its own within the given one, for the bare compiler has another beside it. */
async function makeProject(folder: string, one: Case): Promise<FunctionProject> {
  const templates = await listTemplates();
  const template = templates.find(({ id }) => id === one.template);
  if (!template) throw new Error(`there is no template ${one.template}`);
  const name = `save-${one.template}`;
  const created = await createFunction({ template, name, folder: join(folder, "function") });
  const { manifest, manifestFile } = await readProject(created.folder);
  const source = manifest.source ?? template.open;
  await writeFile(manifestFile, JSON.stringify({ ...manifest, source, ...one.manifest }));
  return readProject(created.folder);
}

function sourceOf({ manifest }: FunctionProject): string {
  return manifest.source ?? "";
}

/** As long as the word, so that nothing else in the source has to change. */
function word(original: string, version: number): string {
  return `v${String(version).padStart(original.length - 1, "0")}`;
}

/**
 * Saves as an editor does, in place, and asks until the new version answers; from when the devkit
 * says that it is live, for whoever asks before takes the processor from the compiler.
 */
async function saveToLive(
  instance: Instance,
  project: FunctionProject,
  save: { readonly text: string; readonly expected: string },
  told: Told,
): Promise<number> {
  const url = `${instance.http}/${project.manifest.name}`;
  const deployed = told.next();
  const savedAt = performance.now();
  await writeFile(join(project.folder, sourceOf(project)), save.text);
  await deployed;
  for (;;) {
    const answer = await (await fetch(url)).text();
    const ms = performance.now() - savedAt;
    if (answer.includes(save.expected)) return ms;
    if (ms > ANSWER_MS_MAX) throw new Error(`${url} still answers ${answer}`);
    await sleep(1);
  }
}

/** What the devkit tells of its deploys. */
class Told {
  #next = Promise.withResolvers<void>();

  /** Settles at the next deploy. */
  next(): Promise<void> {
    this.#next = Promise.withResolvers();
    return this.#next.promise;
  }

  get deployed(): Promise<void> {
    return this.#next.promise;
  }

  event(event: LiveEvent): void {
    if (event.kind === "failed" || event.kind === "error") {
      this.#next.reject(new Error(`a save failed: ${JSON.stringify(event)}`));
    }
    if (event.kind === "deployed") this.#next.resolve();
  }
}

/** The command that a builder ran last, run again by itself on a copy of the project. */
class BareCompiler {
  readonly #project: FunctionProject;
  readonly #copy: string;
  #last: ToolRun | undefined;
  readonly #onRun = (run: unknown): void => {
    const { args, cwd } = run as ToolRun;
    if (cwd === this.#project.folder && args.length > 3) this.#last = run as ToolRun;
  };

  constructor(project: FunctionProject) {
    this.#project = project;
    this.#copy = join(dirname(project.folder), "bare");
    toolRuns.subscribe(this.#onRun);
  }

  /** Time of the compiler alone for this text of the source, in ms. */
  async run(text: string): Promise<number> {
    const { folder } = this.#project;
    const run = this.#last;
    if (!run) throw new Error(`no compiler ran in ${folder}`);
    await cp(folder, this.#copy, { recursive: true, preserveTimestamps: true });
    await writeFile(join(this.#copy, sourceOf(this.#project)), text);
    const output = join(dirname(folder), "out");
    await mkdir(output, { recursive: true });
    const args = run.args.map((argument, i) =>
      run.args[i - 1] === "-o" ? join(output, "bare.wasm") : argument.replace(folder, this.#copy),
    );
    const { command, env } = run;
    const exit = await runTool({ command, args, ...(env && { env }), cwd: this.#copy });
    if (exit.code !== 0) throw new Error(`the bare compiler failed: ${exit.stderr}`);
    return exit.durationMs;
  }

  close(): void {
    toolRuns.unsubscribe(this.#onRun);
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
