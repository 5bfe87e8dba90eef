import { basename, join, relative } from "node:path";
import type { Client } from "../../devkit/client.ts";
import type { FunctionProject } from "../../devkit/manifest.ts";
import { runSample } from "../../devkit/sample-run.ts";
import type { Sample } from "../../devkit/sample-shape.ts";
import { readSamples, SAMPLES_FOLDER, type SampleFile } from "../../devkit/samples.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import { manifestPlugs } from "../functions/function-item.ts";
import type { Say } from "../say.ts";
import { callDetails } from "./call-details.ts";
import type { RequestForm } from "./form.ts";
import { type PastCall, withCall } from "./history.ts";
import type { PageState } from "./messages.ts";
import { formOfSample, sampleOfForm } from "./request-form.ts";
import { responseOf } from "./response.ts";

/** What is kept of a request editor when it is closed. */
export interface KeptRequest {
  readonly form: RequestForm;
  /** File of the sample that it was filled from. */
  readonly sample?: string;
}

interface SessionParts {
  /** The function, read anew at each use: it may have been edited. */
  readonly project: () => FunctionProject;
  /** Whether its sources are here. */
  readonly canSave: () => boolean;
  /** The client, once the function is live. */
  readonly ensure: () => Promise<Client>;
  readonly say: Say;
  readonly timeoutMs: () => number;
  /** Calls of earlier sessions, newest first. */
  readonly calls: readonly PastCall[];
  readonly onChange: () => void;
}

/** One function's request editor, without its page: the form, the answer, the recent calls. */
export class RequestSession {
  readonly #parts: SessionParts;
  #form: RequestForm;
  #formVersion = 0;
  #samples: readonly SampleFile[] = [];
  #sampleFile: string | undefined;
  #calls: readonly PastCall[];
  #shown: PastCall | undefined;
  #problem: string | undefined;
  #abort: AbortController | undefined;

  constructor(parts: SessionParts, before?: KeptRequest) {
    this.#parts = parts;
    this.#calls = parts.calls;
    this.#form = before?.form ?? this.#formOf({});
    this.#sampleFile = before?.sample;
  }

  get kept(): KeptRequest {
    const sample = this.#sampleFile;
    return { form: this.#form, ...(sample !== undefined && { sample }) };
  }

  get #sample(): SampleFile | undefined {
    return this.#samples.find(({ file }) => file === this.#sampleFile);
  }

  get busy(): boolean {
    return this.#abort !== undefined;
  }

  get calls(): readonly PastCall[] {
    return this.#calls;
  }

  /** The call whose answer is shown. */
  get shown(): PastCall | undefined {
    return this.#shown;
  }

  /** The call before the shown one. */
  get previous(): PastCall | undefined {
    const index = this.#calls.findIndex(({ entry }) => entry.id === this.#shown?.entry.id);
    return this.#calls[index + 1];
  }

  state(strings: Readonly<Record<string, string>>): PageState {
    const project = this.#parts.project();
    return {
      function: project.manifest.name,
      form: this.#form,
      formVersion: this.#formVersion,
      samples: this.#samples.map(({ file, name }) => ({ file, name })),
      ...(this.#sample && { sample: this.#sample.file }),
      edited: !this.#isSample,
      plugs: manifestPlugs(project.manifest),
      canSave: this.#parts.canSave(),
      canCompare: this.previous !== undefined,
      history: this.#calls.map(({ entry }) => entry),
      ...(this.#shown && { response: this.#shown.response }),
      busy: this.busy,
      ...(this.#problem !== undefined && { problem: this.#problem }),
      strings,
    };
  }

  /** Reads the samples; takes the named one, or the first unless the form is to stay as it is. */
  async load(file?: string, keepForm = false): Promise<void> {
    this.#samples = this.#parts.canSave() ? await readSamples(this.#parts.project()) : [];
    const named = this.#samples.find((sample) => sample.file === file);
    const chosen = named ?? (keepForm ? undefined : this.#samples.find(({ sample }) => sample));
    if (chosen) this.#take(chosen);
    this.#parts.onChange();
  }

  /** The user edited the form. */
  edit(form: RequestForm): void {
    this.#form = form;
  }

  /** Takes a file, as an absolute path, for the body. */
  useBodyFile(path: string): void {
    const body = relative(this.samplesFolder, path).replaceAll("\\", "/");
    this.#fill({ ...this.#form, bodyKind: "file", body });
    this.#parts.onChange();
  }

  /** Where the function's samples are, and what a body file is relative to. */
  get samplesFolder(): string {
    return join(this.#parts.project().folder, SAMPLES_FOLDER);
  }

  useSample(file: string): void {
    const sample = this.#samples.find((one) => one.file === file);
    if (sample) this.#take(sample);
    this.#parts.onChange();
  }

  useCall(id: number): void {
    const call = this.#calls.find(({ entry }) => entry.id === id);
    if (!call) return;
    this.#fill(call.form);
    this.#shown = call;
    this.#problem = undefined;
    this.#parts.onChange();
  }

  /** Starts from a plug's method and path. */
  usePlug(method: string, path: string): void {
    const fits = this.#samples.find(({ sample }) => sample?.path === path);
    if (fits) this.#take(fits);
    else {
      const form = formOfSample({}, { method, path });
      this.#fill({ ...this.#form, kind: "http", method: form.method, path });
    }
    this.#parts.onChange();
  }

  cancel(): void {
    this.#abort?.abort();
  }

  /** Sends the form; the answer, or why there is none, is in the state afterwards. */
  async send(): Promise<void> {
    if (this.#abort) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#problem = undefined;
    this.#parts.onChange();
    const timeoutMs = this.#parts.timeoutMs();
    let timeout: AbortSignal | undefined;
    try {
      const client = await unlessAborted(this.#parts.ensure(), abort.signal);
      // Starting the runtime or building the function is not what is timed.
      timeout = AbortSignal.timeout(timeoutMs);
      const signal = AbortSignal.any([abort.signal, timeout]);
      const sample = this.#sampleToSend();
      const project = this.#parts.project();
      const since = Date.now();
      const result = await runSample(client, project, sample, { signal, report: true });
      const { name } = project.manifest;
      const details = await callDetails(client, name, result, since);
      this.#answered(responseOf({ ...result, ...details }));
    } catch (error) {
      this.#problem = this.#problemOf(error, abort.signal, timeout?.aborted ?? false);
    } finally {
      this.#abort = undefined;
      this.#parts.onChange();
    }
  }

  /** The form as the content of a sample file; what else that file says stays. */
  sampleText(file: string): string {
    const known = this.#samples.find((one) => one.file === file)?.sample;
    const { $schema, name, description, expect } = known ?? {};
    const said = {
      ...($schema !== undefined && { $schema }),
      ...(name !== undefined && { name }),
      ...(description !== undefined && { description }),
      ...sampleOfForm(this.#form, this.#parts.say),
      ...this.#expectationsToSave(expect),
    };
    return `${JSON.stringify(said, null, 2)}\n`;
  }

  #problemOf(error: unknown, cancelled: AbortSignal, late: boolean): string {
    const { say, timeoutMs } = this.#parts;
    if (cancelled.aborted) return say("The request was cancelled.");
    if (late) return say("No answer within {0} ms: the request was given up.", timeoutMs());
    const failure = MocError.from(error);
    return `${failure.code}: ${failure.message}`;
  }

  #answered(response: PastCall["response"]): void {
    const form = this.#form;
    const target = form.kind === "http" ? `${form.method} ${form.path}` : form.kind;
    const at = Date.now();
    const entry = {
      id: Math.max(0, ...this.#calls.map((call) => call.entry.id)) + 1,
      at,
      title: target,
      status: response.status,
      durationMs: response.durationMs,
    };
    this.#shown = { entry, form, response };
    this.#calls = withCall(this.#calls, this.#shown);
  }

  /** What is sent: the form, with the sample's expectations while it still is that sample. */
  #sampleToSend(): SampleFile {
    const { name } = this.#parts.project().manifest;
    return {
      file: this.#sample?.file ?? join(this.samplesFolder, `${name}.json`),
      name: this.#sample?.name ?? name,
      sample: { ...sampleOfForm(this.#form, this.#parts.say), ...this.#expectations() },
      problems: [],
    };
  }

  /** A changed request is another question: the sample's expectations do not hold for it. */
  #expectations(): object {
    const expect = this.#sample?.sample?.expect;
    return expect && this.#isSample ? { expect } : {};
  }

  /** Whether the form still is the sample that it was filled from. */
  get #isSample(): boolean {
    const sample = this.#sample?.sample;
    if (!sample) return false;
    return JSON.stringify(this.#formOf(sample)) === JSON.stringify(this.#form);
  }

  /** What was answered to this very request is what is expected from now on. */
  #expectationsToSave(before: Sample["expect"]): object {
    if (before) return { expect: before };
    const own = this.#expectations();
    if ("expect" in own) return own;
    const { shown } = this;
    if (!shown || JSON.stringify(shown.form) !== JSON.stringify(this.#form)) return {};
    return { expect: { status: shown.response.status } };
  }

  #fill(form: RequestForm): void {
    this.#form = form;
    this.#formVersion++;
  }

  #take(file: SampleFile): void {
    this.#sampleFile = file.file;
    if (file.sample) {
      this.#fill(this.#formOf(file.sample));
      this.#problem = undefined;
    } else {
      const [problem] = file.problems;
      this.#problem = `${basename(file.file)}: ${problem?.message ?? "is not valid"}`;
    }
  }

  #formOf(sample: Sample): RequestForm {
    const [plug] = manifestPlugs(this.#parts.project().manifest);
    return formOfSample(sample, plug);
  }
}

/** The value, or a rejection as soon as the signal says so; what makes the value goes on. */
async function unlessAborted<T>(value: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([value, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
