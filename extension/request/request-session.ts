import { basename } from "node:path";
import type { Client } from "../../devkit/client.ts";
import type { FunctionProject } from "../../devkit/manifest.ts";
import { runSample } from "../../devkit/sample-run.ts";
import { readSamples, type SampleFile } from "../../devkit/samples.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import { callDetails } from "./call-details.ts";
import type { RequestForm } from "./form.ts";
import { type PastCall, withCall } from "./history.ts";
import type { PageState } from "./messages.ts";
import { formOfSample, sampleOfForm } from "./request-form.ts";
import { responseOf } from "./response.ts";

export interface SessionParts {
  /** The function, read anew at each use: it may have been edited. */
  readonly project: () => FunctionProject;
  readonly canSave: boolean;
  readonly ensure: () => Promise<Client>;
  readonly timeoutMs: () => number;
  /** Calls of earlier sessions, newest first. */
  readonly calls: readonly PastCall[];
  readonly onChange: () => void;
}

/** One function's request editor, without its page: the form, the answer, the recent calls. */
export class RequestSession {
  readonly #parts: SessionParts;
  #form: RequestForm;
  #samples: readonly SampleFile[] = [];
  #sample: SampleFile | undefined;
  #calls: readonly PastCall[];
  #shown: PastCall | undefined;
  #problem: string | undefined;
  #abort: AbortController | undefined;

  constructor(parts: SessionParts, form?: RequestForm) {
    this.#parts = parts;
    this.#calls = parts.calls;
    this.#form = form ?? this.#formOf({});
  }

  get form(): RequestForm {
    return this.#form;
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
      samples: this.#samples.map(({ file, name }) => ({ file, name })),
      ...(this.#sample && { sample: this.#sample.file }),
      plugs: (project.manifest.plugs ?? []).map(({ method, path }) => ({
        method: method ?? "get",
        path,
      })),
      canSave: this.#parts.canSave,
      history: this.#calls.map(({ entry }) => entry),
      ...(this.#shown && { response: this.#shown.response }),
      busy: this.busy,
      ...(this.#problem !== undefined && { problem: this.#problem }),
      strings,
    };
  }

  /** Reads the samples; takes the named one, or the first if the form is still untouched. */
  async load(file?: string, keepForm = false): Promise<void> {
    this.#samples = this.#parts.canSave ? await readSamples(this.#parts.project()) : [];
    const named = this.#samples.find((sample) => sample.file === file);
    const chosen = named ?? (keepForm ? undefined : this.#samples.find(({ sample }) => sample));
    if (chosen) this.#take(chosen);
    this.#parts.onChange();
  }

  /** The user edited the form. */
  edit(form: RequestForm): void {
    this.#form = form;
  }

  useSample(file: string): void {
    const sample = this.#samples.find((one) => one.file === file);
    if (sample) this.#take(sample);
    this.#parts.onChange();
  }

  useCall(id: number): void {
    const call = this.#calls.find(({ entry }) => entry.id === id);
    if (!call) return;
    this.#form = call.form;
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
      this.#form = { ...this.#form, kind: "http", method: form.method, path };
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
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const client = await this.#parts.ensure();
      const signal = AbortSignal.any([abort.signal, timeout]);
      const sample = this.#sampleToSend();
      const project = this.#parts.project();
      const since = Date.now();
      const result = await runSample(client, project, sample, { signal, report: true });
      const { name } = project.manifest;
      const details = await callDetails(client, name, result, since);
      this.#answered(responseOf({ ...result, ...details }));
    } catch (error) {
      const failure = MocError.from(error);
      this.#problem = timeout.aborted
        ? `No answer within ${timeoutMs} ms: the request was given up.`
        : `${failure.code}: ${failure.message}`;
    } finally {
      this.#abort = undefined;
      this.#parts.onChange();
    }
  }

  /** The form as a sample file's content. */
  sampleText(): string {
    return `${JSON.stringify({ ...sampleOfForm(this.#form), ...this.#expectations() }, null, 2)}\n`;
  }

  #answered(response: PastCall["response"]): void {
    const { form } = this;
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
    const { manifestFile, manifest } = this.#parts.project();
    return {
      file: this.#sample?.file ?? manifestFile,
      name: this.#sample?.name ?? manifest.name,
      sample: { ...sampleOfForm(this.#form), ...this.#expectations() },
      problems: [],
    };
  }

  /** A changed request is another question: the sample's expectations do not hold for it. */
  #expectations(): object {
    const sample = this.#sample?.sample;
    if (!sample?.expect) return {};
    const same = JSON.stringify(this.#formOf(sample)) === JSON.stringify(this.#form);
    return same ? { expect: sample.expect } : {};
  }

  #take(file: SampleFile): void {
    this.#sample = file;
    if (file.sample) {
      this.#form = this.#formOf(file.sample);
      this.#problem = undefined;
    } else {
      const [problem] = file.problems;
      this.#problem = `${basename(file.file)}: ${problem?.message ?? "is not valid"}`;
    }
  }

  #formOf(sample: Parameters<typeof formOfSample>[0]): RequestForm {
    const [plug] = this.#parts.project().manifest.plugs ?? [];
    return formOfSample(sample, plug && { method: plug.method ?? "get", path: plug.path });
  }
}
