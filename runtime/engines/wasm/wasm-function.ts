import { WASIProcExit } from "@bjorn3/browser_wasi_shim";
import type { CallContext } from "../../guest-api/call-context.ts";
import { MocError } from "../../protocol/errors.ts";
import type { FunctionSettings } from "../../protocol/model.ts";
import type { CallEntry, CallOutcome, LoadedFunction } from "../engine.ts";
import { makeCallProcess, makeStdout } from "./call-process.ts";
import { CgiOutput } from "./cgi-output.ts";
import { GuestCall } from "./guest-call.ts";
import { translateFailure } from "./guest-failure.ts";
import type { GuestInstance } from "./guest-instance.ts";
import { planStart, type StartPlan, toResult } from "./start-plan.ts";
import type { WasmProgram } from "./wasm-program.ts";

/** One version of a wasm function. Calls run at once, each in an instance of its own. */
export class WasmFunction implements LoadedFunction {
  readonly links: readonly string[];
  readonly #program: WasmProgram;
  readonly #linked: readonly WasmProgram[];
  readonly #settings: FunctionSettings;
  /** With shared state: the instance that all calls use, and the end of the last of them. */
  #shared: GuestInstance | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(program: WasmProgram, linked: readonly WasmProgram[], settings: FunctionSettings) {
    this.#program = program;
    this.#linked = linked;
    this.#settings = settings;
    this.links = linked.map((one) => one.name);
  }

  memoryBytes(): number {
    const programs = [this.#program, ...this.#linked];
    const shared = this.#shared?.memoryBytes ?? 0;
    return programs.reduce((sum, one) => sum + one.memoryBytes, shared);
  }

  async run(context: CallContext, entry: CallEntry): Promise<CallOutcome> {
    const plan = planStart(this.#program.parts.info, this.#program.name, entry, this.#settings);
    if (this.#settings.state === "shared") return this.#runShared(context, entry, plan);
    const acquired = this.#program.acquire();
    const instance = acquired instanceof Promise ? await acquired : acquired;
    let healthy = false;
    try {
      const outcome = await this.#runIn(instance, context, entry, plan);
      healthy = true;
      return outcome;
    } catch (error) {
      healthy = !(error instanceof MocError) || !BROKEN.has(error.code);
      throw error;
    } finally {
      this.#program.release(instance, healthy);
    }
  }

  close(): void {
    this.#shared?.drop();
    this.#shared = undefined;
    for (const one of [this.#program, ...this.#linked]) one.close();
  }

  /** One call after the other, in the order in which they came. */
  async #runShared(context: CallContext, entry: CallEntry, plan: StartPlan): Promise<CallOutcome> {
    const before = this.#turn;
    const run = async () => {
      await before;
      if (context.signal.aborted) throw MocError.from(context.signal.reason);
      this.#shared ??= await this.#program.acquire();
      const instance = this.#shared;
      instance.resetGrowRefused();
      try {
        return await this.#runIn(instance, context, entry, plan);
      } catch (error) {
        // Its memory may be half changed: the next call starts anew.
        instance.drop();
        this.#shared = undefined;
        throw error;
      } finally {
        instance.call = undefined;
      }
    };
    const running = run();
    this.#turn = running.catch(() => undefined);
    return running;
  }

  async #runIn(
    instance: GuestInstance,
    context: CallContext,
    entry: CallEntry,
    plan: StartPlan,
  ): Promise<CallOutcome> {
    const cgi = plan.mode === "cgi" ? makeCgiOutput(context) : undefined;
    const call = new GuestCall(context, () =>
      makeCallProcess(context, entry, this.#settings, cgi ?? makeStdout(context, plan.mode)),
    );
    instance.call = call;
    let healthy = false;
    try {
      const result = await this.#enter(instance, call, plan);
      const closing = call.closeProcess();
      if (closing) await closing;
      if (instance.growRefused) warnOfRefusal(context);
      cgi?.finish();
      healthy = true;
      return { result, exited: plan.mode !== "direct", memoryBytes: instance.memoryBytes };
    } catch (error) {
      await abandon(call);
      const { parts } = this.#program;
      throw translateFailure(error, { program: parts, instance, call, during: plan.name });
    } finally {
      call.finish(healthy);
    }
  }

  async #enter(instance: GuestInstance, call: GuestCall, plan: StartPlan): Promise<number> {
    call.check();
    try {
      const returned = instance.invoke(plan.name, plan.args);
      const result = toResult(returned instanceof Promise ? await returned : returned);
      // A guest may have caught the exception that should have ended it.
      call.check();
      return result;
    } catch (error) {
      if (error instanceof WASIProcExit && !call.failure) return error.code | 0;
      throw error;
    }
  }
}

function makeCgiOutput(context: CallContext): CgiOutput {
  const output = context.buffers.get(context.output);
  return new CgiOutput(output, context.limits.headersKiB * 1024);
}

function warnOfRefusal(context: CallContext): void {
  context.log(
    "warn",
    `the guest asked for more than its ${context.limits.memoryMiB} MiB of memory and was refused; raise limits.memoryMiB if it needs it`,
  );
}

/** Lets go of a failed program's streams; its last words go to the log. */
async function abandon(call: GuestCall): Promise<void> {
  try {
    await call.closeProcess();
  } catch (error) {
    // The call failed already, and that failure is the one to report; a defect of ours is not.
    if (!(error instanceof MocError)) throw error;
  }
}

/** Failures after which an instance's state is not to be trusted. */
const BROKEN: ReadonlySet<string> = new Set([
  "MOC_GUEST_TRAP",
  "MOC_GUEST_ERROR",
  "MOC_LIMIT_STACK",
  "MOC_LIMIT_MEMORY",
  "MOC_INTERNAL",
]);
