import type { CallContext } from "../../guest-api/call-context.ts";
import { MocError } from "../../protocol/errors.ts";
import type { CallEntry, CallOutcome, LoadedFunction } from "../engine.ts";
import { CallSession, type SessionFunction } from "./call-session.ts";
import type { MachineLimits } from "./faults.ts";
import type { GuestApiTable } from "./guest-api-table.ts";
import type { LoadedScript, ScriptSource } from "./load-script.ts";
import type { Machine } from "./machine.ts";
import { MachinePool } from "./machine-pool.ts";
import { PRELUDE_FILE } from "./prelude.ts";
import { inputFlags } from "./request-facts.ts";
import { Turns } from "./turns.ts";

interface JavaScriptFunctionOptions {
  readonly script: LoadedScript;
  readonly source: ScriptSource;
  readonly table: GuestApiTable;
  readonly limits: MachineLimits;
  readonly vars: Readonly<Record<string, string>>;
  readonly shared: boolean;
  /** Loads the same text again, with the streams in its heap. */
  reload(): Promise<LoadedScript>;
}

interface SharedMachine {
  readonly machine: Machine;
  readonly turns: Turns;
}

/** A script or module that was evaluated, ready for calls. */
export class JavaScriptFunction implements LoadedFunction {
  readonly links: readonly string[] = [];
  readonly #options: JavaScriptFunctionOptions;
  readonly #sessions: SessionFunction;
  #pool: MachinePool;
  #shared: SharedMachine | undefined;
  #hasStreams: boolean;

  constructor(options: JavaScriptFunctionOptions) {
    const { source, table, vars, shared } = options;
    this.#options = options;
    this.#sessions = {
      table,
      vars,
      shared,
      loadStreams: (machine, context) => {
        machine.evaluateNested(source.streamsText, PRELUDE_FILE);
        this.#keepStreams(context);
      },
      explain: (failure) => source.positions.explain(failure),
    };
    this.#pool = new MachinePool(options.script.image, options.limits);
    this.#hasStreams = options.script.streams;
  }

  memoryBytes(): number {
    return this.#pool.memoryBytes() + (this.#shared?.machine.memoryBytes ?? 0);
  }

  close(): void {
    this.#shared?.machine.drop();
    this.#pool.close();
  }

  async run(context: CallContext, entry: CallEntry): Promise<CallOutcome> {
    if (this.#options.shared) return this.#runShared(context, entry);
    const pool = this.#pool;
    const taken = pool.take();
    const machine = taken instanceof Promise ? await taken : taken;
    try {
      const result = await this.#enter(machine, new Turns(), context, entry);
      return { result, memoryBytes: machine.memoryBytes };
    } finally {
      pool.give(machine);
    }
  }

  async #runShared(context: CallContext, entry: CallEntry): Promise<CallOutcome> {
    if (!this.#shared || this.#shared.machine.fault) {
      this.#shared?.machine.drop();
      const machine = this.#pool.image.instantiate(this.#options.limits);
      this.#shared = { machine, turns: new Turns() };
    }
    const { machine, turns } = this.#shared;
    const result = await this.#enter(machine, turns, context, entry);
    return { result, memoryBytes: machine.memoryBytes };
  }

  #enter(machine: Machine, turns: Turns, context: CallContext, entry: CallEntry): Promise<number> {
    const session = new CallSession(this.#sessions, machine, turns, context);
    if (this.#options.script.style === "script")
      return session.run("enterScript", [entry.startFunction]);
    return session.run("enterModule", [entry.startFunction, inputFlags(context)]);
  }

  /** A function that used streams once will again: the next calls find them in their heap. */
  #keepStreams(context: CallContext): void {
    if (this.#hasStreams || this.#options.shared) return;
    this.#hasStreams = true;
    this.#options.reload().then(
      (script) => {
        const old = this.#pool;
        this.#pool = new MachinePool(script.image, this.#options.limits);
        old.close();
      },
      (error) => {
        const { message } = MocError.from(error);
        context.log("warn", `the function could not be loaded again with streams: ${message}`);
      },
    );
  }
}
