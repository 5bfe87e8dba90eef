import { readFile } from "node:fs/promises";
import {
  type CancellationToken,
  type Disposable,
  Location,
  l10n,
  MarkdownString,
  Position,
  Range,
  type TestController,
  type TestItem,
  TestMessage,
  type TestRun,
  TestRunProfileKind,
  type TestRunRequest,
  tests,
  Uri,
} from "vscode";
import type { Client } from "../../devkit/client.ts";
import type { FunctionProject } from "../../devkit/manifest.ts";
import type { SampleResult } from "../../devkit/sample-run.ts";
import { readSamples, type SampleFile } from "../../devkit/samples.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import { setting } from "../config.ts";
import type { Problems } from "../problems.ts";
import type { Projects } from "../projects.ts";
import type { SampleWatch } from "./sample-watch.ts";

interface Known {
  readonly project: FunctionProject;
  readonly sample?: SampleFile;
}

interface SampleTestsParts {
  readonly projects: Projects;
  readonly problems: Problems;
  readonly samples: SampleWatch;
  /** The client, once the named function is live. */
  readonly ensureLive: (name: string) => Promise<Client>;
  /** Samples could not be read. */
  readonly onError: (error: Error) => void;
}

/** Sample inputs as tests: a function is a suite, each of its samples a test. */
export class SampleTests implements Disposable {
  readonly #controller: TestController;
  readonly #disposables: Disposable[];
  readonly #known = new WeakMap<TestItem, Known>();
  readonly #parts: SampleTestsParts;
  #updating = Promise.resolve();

  constructor(parts: SampleTestsParts) {
    this.#parts = parts;
    this.#controller = tests.createTestController("myOwnCluster", "My Own Cluster");
    this.#controller.refreshHandler = () => this.update();
    this.#controller.createRunProfile(
      l10n.t("Run Samples"),
      TestRunProfileKind.Run,
      (request, token) => this.#run(request, token),
      true,
    );
    const renew = (): void => void this.update();
    this.#disposables = [
      this.#controller,
      parts.samples.onChange(renew),
      parts.projects.onChange(renew),
    ];
  }

  /** Reads the samples of all functions again. */
  update(): Promise<void> {
    // A folder that goes while it is read is no reason to stop reading for ever.
    this.#updating = this.#updating.then(() => this.#read()).catch(this.#parts.onError);
    return this.#updating;
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  async #read(): Promise<void> {
    const suites: TestItem[] = [];
    const sources = new Set<string>();
    for (const project of this.#parts.projects.list) {
      const samples = await readSamples(project);
      if (samples.length === 0) continue;
      const source = `samples:${project.folder}`;
      sources.add(source);
      this.#parts.problems.set(
        source,
        samples.flatMap((sample) => sample.problems),
      );
      const { folder, manifest, manifestFile } = project;
      // Not by its name: two functions of one name would leave no test at all.
      const suite = this.#controller.createTestItem(folder, manifest.name, Uri.file(manifestFile));
      this.#known.set(suite, { project });
      suite.children.replace(samples.map((sample) => this.#testOf(project, sample)));
      suites.push(suite);
    }
    this.#parts.problems.retain("samples:", sources);
    this.#controller.items.replace(suites);
  }

  #testOf(project: FunctionProject, sample: SampleFile): TestItem {
    const uri = Uri.file(sample.file);
    const test = this.#controller.createTestItem(sample.file, sample.name, uri);
    test.range = new Range(0, 0, 0, 0);
    const [problem] = sample.problems;
    if (problem) test.error = problem.message;
    this.#known.set(test, { project, sample });
    return test;
  }

  async #run(request: TestRunRequest, token: CancellationToken): Promise<void> {
    const run = this.#controller.createTestRun(request);
    const abort = new AbortController();
    const cancelled = token.onCancellationRequested(() => abort.abort());
    try {
      const queue = this.#leaves(request);
      for (const test of queue) run.enqueued(test);
      for (const test of queue) {
        if (token.isCancellationRequested) run.skipped(test);
        else await this.#runOne(run, test, abort.signal);
      }
    } finally {
      cancelled.dispose();
      run.end();
    }
  }

  #leaves(request: TestRunRequest): TestItem[] {
    const leaves: TestItem[] = [];
    const excluded = new Set(request.exclude ?? []);
    const visit = (item: TestItem): void => {
      if (excluded.has(item)) return;
      if (item.children.size === 0) leaves.push(item);
      else item.children.forEach(visit);
    };
    if (request.include) request.include.forEach(visit);
    else this.#controller.items.forEach(visit);
    return leaves;
  }

  async #runOne(run: TestRun, test: TestItem, signal: AbortSignal): Promise<void> {
    const known = this.#known.get(test);
    if (!known?.sample) return;
    run.started(test);
    try {
      const { runSample } = await import("../../devkit/sample-run.ts");
      const client = await this.#parts.ensureLive(known.project.manifest.name);
      const timeout = AbortSignal.timeout(setting("invoke.timeoutMs", test.uri));
      const result = await runSample(client, known.project, known.sample, {
        signal: AbortSignal.any([signal, timeout]),
        report: true,
      });
      for (const { level, text } of result.logs ?? []) {
        // It is shown as a terminal does.
        const line = `${level} ${text}`.replaceAll(/\r?\n/g, "\r\n");
        run.appendOutput(`${line}\r\n`, undefined, test);
      }
      if (result.failures.length === 0) run.passed(test, result.durationMs);
      else run.failed(test, await messages(known.sample, result), result.durationMs);
    } catch (error) {
      const { code, message } = MocError.from(error);
      run.errored(test, new TestMessage(`${code}: ${message}`));
    }
  }
}

/** One message for each unmet expectation; with a diff where a whole value was expected. */
async function messages(sample: SampleFile, result: SampleResult): Promise<TestMessage[]> {
  const text = await readFile(sample.file, "utf8");
  const offset = Math.max(text.indexOf('"expect"'), 0);
  const before = text.slice(0, offset).split("\n");
  const position = new Position(before.length - 1, before.at(-1)?.length ?? 0);
  const location = new Location(Uri.file(sample.file), position);
  const diff = bodyDiff(sample, result);
  return result.failures.map((failure) => {
    const shown =
      diff && failure.startsWith("body")
        ? TestMessage.diff(failure, diff.expected, diff.actual)
        : new TestMessage(new MarkdownString().appendCodeblock(failure, "text"));
    shown.location = location;
    return shown;
  });
}

function bodyDiff(
  { sample }: SampleFile,
  { body }: SampleResult,
): { readonly expected: string; readonly actual: string } | undefined {
  const actual = new TextDecoder().decode(body);
  const expect = sample?.expect;
  if (expect?.body !== undefined) return { expected: expect.body, actual };
  if (expect?.json === undefined) return undefined;
  const indent = (value: unknown): string => JSON.stringify(value, null, 2);
  try {
    const shown = likeExpected(expect.json, JSON.parse(actual));
    return { expected: indent(expect.json), actual: indent(shown) };
  } catch {
    // The answer is no JSON: it is compared as it is.
    return { expected: indent(expect.json), actual };
  }
}

/** The answer without what nobody expects: objects may have more fields, which are no difference. */
function likeExpected(expected: unknown, actual: unknown): unknown {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    return actual.map((one, index) => likeExpected(expected[index], one));
  }
  if (!isObject(expected) || !isObject(actual)) return actual;
  const names = Object.keys(expected).filter((name) => name in actual);
  return Object.fromEntries(
    names.map((name) => [name, likeExpected(expected[name], actual[name])]),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
