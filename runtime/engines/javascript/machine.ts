import { MocError } from "../../protocol/errors.ts";
import { dropMemory } from "../dropped-memory.ts";
import { budgetExceeded } from "../memory-budget.ts";
import { BoxReader } from "./box-reader.ts";
import { CallArguments } from "./call-arguments.ts";
import { ComputingTime } from "./computing-time.ts";
import { cpuExceeded, type MachineLimits, memoryExceeded, trapped } from "./faults.ts";
import {
  type GuestFailure,
  type Host,
  type HostValue,
  type Internals,
  parseFailure,
} from "./host-value.ts";
import { makeImports } from "./imports.ts";
import { MemoryViews } from "./memory-views.ts";
import type { PutBack } from "./put-back.ts";
import { EXPORT_NAMES, type Pointer, type QuickJSExports, TAG } from "./quickjs-abi.ts";
import { PAGE_BYTES, type QuickJSModule } from "./quickjs-wasm.ts";
import type { WriteMarks } from "./write-marks.ts";

const utf8 = new TextEncoder();
const ARGUMENTS_MAX = 8;
const SCRATCH_BYTES = 16 * 1024;
/** Jobs run between two looks at the flags: an interrupted job does not end the queue by itself. */
const JOBS_PER_TURN = 1000;

const NO_HOST: Host = { answer: () => undefined };

const noImage: PutBack = () => {
  throw new TypeError("the machine was not made from an image");
};

/** One instance of QuickJS with one JavaScript context in it: what runs a call. */
export class Machine extends BoxReader {
  override readonly quickjs: QuickJSExports;
  readonly module: QuickJSModule;
  readonly limits: MachineLimits;
  /** The linear memory. */
  readonly memory: WebAssembly.Memory;
  host: Host = NO_HOST;
  /** Addresses, the same in every machine that was filled from one image. */
  runtime: Pointer = 0;
  override context: Pointer = 0;
  internals: Internals | undefined;
  /** Undoes what was written since; given by the image that the machine was filled from. */
  putBack: PutBack = noImage;
  /** Room for arguments and short strings: the far end of the stack, which no limit reaches. */
  readonly scratch: Pointer;
  #views: MemoryViews;
  readonly #call: (...args: Parameters<QuickJSExports["call"]>) => Promise<unknown>;
  readonly #runJobs: (...args: Parameters<QuickJSExports["executePendingJob"]>) => Promise<unknown>;
  readonly #evaluate: (...args: Parameters<QuickJSExports["evaluate"]>) => Promise<unknown>;
  readonly #time: ComputingTime;
  #counted = 0;
  #fault: MocError | undefined;
  readonly #args: CallArguments;
  readonly #accept = (result: unknown): Pointer => {
    if (result === 0) this.#blame(memoryExceeded(this.limits.memoryPages));
    if (this.#fault) throw this.#fault;
    return result as Pointer;
  };
  readonly #refuse = (error: unknown): never => {
    this.#blame(trapped(error, this.limits));
    throw this.#fault;
  };

  /** @throws MOC_GUESTS_MEMORY */
  constructor(module: QuickJSModule, limits: MachineLimits) {
    super();
    this.module = module;
    this.limits = limits;
    this.scratch = module.stackLow;
    this.#time = new ComputingTime(limits.cpuMs);
    this.memory = new WebAssembly.Memory({
      initial: module.initialPages,
      maximum: Math.max(module.initialPages, limits.memoryPages),
    });
    this.#count(this.memoryBytes);
    this.#views = new MemoryViews(this.memory.buffer);
    const imports = makeImports(this.memory, {
      callHost: (count, values) => this.#callHost(count, values),
      shouldInterrupt: () => this.#shouldInterrupt(),
      growMemory: (bytes) => this.#grow(bytes),
      words: () => this.#views.words,
    });
    const { exports } = new WebAssembly.Instance(module.module, imports);
    const named = Object.entries(EXPORT_NAMES).map(([ours, theirs]) => [ours, exports[theirs]]);
    this.quickjs = Object.fromEntries(named) as QuickJSExports;
    this.#call = WebAssembly.promising(this.quickjs.call);
    this.#runJobs = WebAssembly.promising(this.quickjs.executePendingJob);
    this.#evaluate = WebAssembly.promising(this.quickjs.evaluate);
    this.#args = new CallArguments(this);
  }

  override get words(): DataView {
    return this.#views.words;
  }

  /** What was written since the machine was last put back. */
  get marks(): WriteMarks {
    return this.#views.marks;
  }

  override get bytes(): Buffer {
    return this.#views.bytes;
  }

  override copy(start: Pointer, end: Pointer): Uint8Array<ArrayBuffer> {
    return this.#views.plain.slice(start, end);
  }

  /** Size of the linear memory. */
  get memoryBytes(): number {
    return this.memory.buffer.byteLength;
  }

  /** It is thrown away. */
  drop(): void {
    this.limits.budget.give(this.#counted);
    dropMemory(this.#counted);
    this.#counted = 0;
  }

  /** Why this machine must not be used again; undefined while it is sound. */
  override get fault(): MocError | undefined {
    return this.#fault;
  }

  /** Starts an empty JavaScript context in a machine that no image was put into. */
  boot(): void {
    this.quickjs.initialize();
    this.runtime = this.quickjs.newRuntime();
    this.quickjs.setMaxStackSize(this.runtime, this.limits.stackBytes);
    this.context = this.quickjs.newContext(this.runtime, 0);
    this.quickjs.enableInterruptHandler(this.runtime);
  }

  /** Makes sure that addresses up to `end` exist. */
  reserve(end: number): boolean {
    return end <= this.memoryBytes || this.#grow(end);
  }

  /** The guest's time to compute begins anew: it has given way, or is about to start. */
  resume(): void {
    this.#time.restart();
  }

  /** Compiles and runs code; answers the address of its value, exceptions included. */
  async evaluate(code: string, file: string, flags: number): Promise<Pointer> {
    const [text, length] = this.#newText(code);
    const [name] = this.#newText(file);
    this.resume();
    const result = await this.#guard(this.#evaluate(this.context, text, length, name, 0, flags));
    this.quickjs.free(text);
    this.quickjs.free(name);
    return result;
  }

  /** Gives a guest function one of the guest's own values. */
  adopt(callee: Pointer, value: Pointer): void {
    this.freeValue(this.#callAtOnce(callee, value));
  }

  /** This machine must not be used again. */
  condemn(error: MocError): void {
    this.#blame(error);
  }

  /** Runs a script of the platform within a call of the guest. */
  evaluateNested(code: string, file: string): void {
    const [text, length] = this.#newText(code);
    const [name] = this.#newText(file);
    this.freeValue(this.quickjs.evaluate(this.context, text, length, name, 0, 0));
    this.quickjs.free(text);
    this.quickjs.free(name);
  }

  /** Calls a guest function; answers the address of its value, exceptions included. */
  async call(callee: Pointer, args: readonly HostValue[]): Promise<Pointer> {
    const boxes: Pointer[] = [];
    for (const arg of args) boxes.push(this.newValue(arg));
    const list = this.#list(boxes);
    this.resume();
    const undefinedValue = this.quickjs.getUndefined();
    const result = await this.#guard(
      this.#call(this.context, callee, undefinedValue, boxes.length, list),
    );
    for (const box of boxes) this.freeValue(box);
    return result;
  }

  /** There are promise jobs to run. */
  get hasJobs(): boolean {
    return this.quickjs.isJobPending(this.runtime) !== 0;
  }

  /** Runs promise jobs until there are none, or until nobody wants what they do any more. */
  async runJobs(isOver: () => boolean): Promise<void> {
    if (!this.hasJobs) return;
    this.resume();
    do {
      const result = await this.#guard(this.#runJobs(this.runtime, JOBS_PER_TURN, this.scratch));
      this.freeValue(result);
      if (this.#time.isOver()) this.condemn(cpuExceeded(this.limits.cpuMs));
      if (this.#fault) throw this.#fault;
    } while (!isOver() && this.hasJobs);
  }

  /** The error of an exception, taken out of the machine. @throws the machine's fault instead */
  describe(exception: Pointer): GuestFailure {
    if (this.#fault) throw this.#fault;
    const error = this.quickjs.resolveException(this.context, exception);
    return this.describeValue(error);
  }

  describeValue(error: Pointer): GuestFailure {
    const describe = this.internals?.describeError;
    if (!describe) return { name: "Error", message: this.text(error), stack: "" };
    this.resume();
    const json = this.#callAtOnce(describe, error);
    if (this.#fault) throw this.#fault;
    return this.isException(json) ? parseFailure("") : parseFailure(this.text(json));
  }

  /** A value in the machine's memory. */
  newValue(value: HostValue): Pointer {
    switch (typeof value) {
      case "undefined":
        return this.#box(TAG.UNDEFINED, 0);
      case "boolean":
        return this.#box(TAG.BOOL, value ? 1 : 0);
      case "number":
        if (Number.isInteger(value) && (value | 0) === value) return this.#box(TAG.INT, value);
        return this.#checked(this.quickjs.newFloat64(this.context, value));
      case "string":
        return this.#newString(value);
      default:
        return value instanceof Uint8Array ? this.#newBytes(value) : this.#parse(value.text);
    }
  }

  freeValue(box: Pointer): void {
    this.quickjs.freeValue(this.context, box);
  }

  #newString(value: string): Pointer {
    // The C interface ends strings at NUL; JSON has another way to write it.
    if (value.includes("\0")) return this.#parse(JSON.stringify(value));
    if (value.length * 3 < SCRATCH_BYTES / 2) {
      const at = this.scratch + SCRATCH_BYTES / 2;
      const written = this.#views.bytes.write(value, at, SCRATCH_BYTES / 2);
      this.#views.bytes[at + written] = 0;
      return this.#checked(this.quickjs.newString(this.context, at));
    }
    const [text] = this.#newText(value);
    const box = this.#checked(this.quickjs.newString(this.context, text));
    this.quickjs.free(text);
    return box;
  }

  #newText(value: string): [Pointer, number] {
    const bytes = utf8.encode(value);
    const at = this.#checked(this.quickjs.malloc(bytes.length + 1));
    this.#views.bytes.set(bytes, at);
    this.#views.bytes[at + bytes.length] = 0;
    this.#views.marks.add(at, bytes.length + 1);
    return [at, bytes.length];
  }

  #newBytes(value: Uint8Array): Pointer {
    const at = this.#checked(this.quickjs.malloc(Math.max(1, value.length)));
    this.#views.bytes.set(value, at);
    this.#views.marks.add(at, value.length);
    return this.#checked(this.quickjs.newArrayBuffer(this.context, at, value.length));
  }

  #parse(json: string): Pointer {
    const parse = this.internals?.parseJson;
    if (!parse) throw new TypeError("the machine has no prelude");
    const text = this.#newString(json);
    const box = this.#callAtOnce(parse, text);
    this.freeValue(text);
    return this.#checked(box);
  }

  #box(tag: number, payload: number): Pointer {
    const box = this.#checked(this.quickjs.malloc(8));
    this.#views.words.setInt32(box, payload, true);
    this.#views.words.setInt32(box + 4, tag, true);
    this.#views.marks.add(box, 8);
    return box;
  }

  #list(boxes: readonly Pointer[]): Pointer {
    if (boxes.length > ARGUMENTS_MAX)
      throw new TypeError("too many arguments for a guest function");
    let at = this.scratch + 8;
    for (const box of boxes) {
      this.#views.words.setUint32(at, box, true);
      at += 4;
    }
    return this.scratch + 8;
  }

  /** For functions of the prelude, which wait for nothing. */
  #callAtOnce(callee: Pointer, value: Pointer): Pointer {
    const list = this.#list([value]);
    return this.quickjs.call(this.context, callee, this.quickjs.getUndefined(), 1, list);
  }

  #checked(pointer: Pointer): Pointer {
    if (pointer !== 0) return pointer;
    this.#blame(memoryExceeded(this.limits.memoryPages));
    throw this.#fault;
  }

  /** Waits for the guest and turns traps into faults. */
  #guard(running: Promise<unknown>): Promise<Pointer> {
    return running.then(this.#accept, this.#refuse);
  }

  #callHost(count: number, values: Pointer): Pointer | Promise<Pointer> {
    if (this.#fault) return this.#throw(this.#fault);
    try {
      const operation = this.#views.words.getInt32(values, true);
      const answer = this.host.answer(operation, this.#args.of(values, count));
      if (answer instanceof Promise) {
        return answer.then(
          (value) => {
            this.resume();
            return this.newValue(value);
          },
          (error) => {
            this.resume();
            return this.#throw(error);
          },
        );
      }
      return answer === undefined ? 0 : this.newValue(answer);
    } catch (error) {
      return this.#throw(error);
    }
  }

  /** Makes a host error the guest's exception. */
  #throw(error: unknown): Pointer {
    const make = this.internals?.makeError;
    if (!make || this.#fault) return this.#box(TAG.EXCEPTION, 0);
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const code = error instanceof MocError ? error.code : undefined;
    const value = this.#callAtOnce(make, this.#newString(JSON.stringify({ name, message, code })));
    return this.quickjs.throwValue(this.context, value);
  }

  #count(bytes: number): void {
    if (!this.limits.budget.take(bytes)) throw budgetExceeded(this.limits.budget);
    this.#counted = bytes;
  }

  #shouldInterrupt(): boolean {
    if (this.#fault) return true;
    if (!this.#time.isOver()) return false;
    this.#blame(cpuExceeded(this.limits.cpuMs));
    return true;
  }

  #grow(bytes: number): boolean {
    const needed = Math.ceil((bytes - this.memoryBytes) / PAGE_BYTES);
    // A little ahead, so that a growing heap does not move through every page size.
    const ahead = Math.min(256, this.memoryBytes / PAGE_BYTES / 4) | 0;
    const max = this.limits.memoryPages - this.memoryBytes / PAGE_BYTES;
    if (needed > max) {
      this.#blame(memoryExceeded(this.limits.memoryPages));
      return false;
    }
    const pages = Math.min(max, needed + ahead);
    if (!this.limits.budget.take(pages * PAGE_BYTES)) {
      this.#blame(budgetExceeded(this.limits.budget));
      return false;
    }
    this.#counted += pages * PAGE_BYTES;
    this.memory.grow(pages);
    this.#views = new MemoryViews(this.memory.buffer);
    return true;
  }

  #blame(error: MocError): void {
    this.#fault ??= error;
  }
}
