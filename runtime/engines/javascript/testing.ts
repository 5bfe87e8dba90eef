/** Loads scripts for the tests of this folder. */
import { BOUND_MODULES } from "../../guest-api/bound-modules.ts";
import {
  makeTestContext,
  type TestContext,
  type TestContextOptions,
} from "../../guest-api/testing.ts";
import { resolveLimits } from "../../protocol/limits.ts";
import type { FunctionSettings, LogLevel } from "../../protocol/model.ts";
import type { CallOutcome, LoadedFunction } from "../engine.ts";
import { createJavaScriptEngine } from "./engine.ts";

export interface LoadedForTest {
  readonly loaded: LoadedFunction;
  readonly logs: { level: LogLevel; text: string }[];
  /** Calls the function. */
  call(options?: CallOptions): Promise<TestContext & CallOutcome>;
}

interface CallOptions extends TestContextOptions {
  readonly start?: string;
}

export async function loadForTest(
  text: string,
  settings: FunctionSettings = {},
): Promise<LoadedForTest> {
  const logs: LoadedForTest["logs"] = [];
  const loaded = await createJavaScriptEngine().load(
    {
      name: "test",
      techID: "0".repeat(64),
      contentType: "text/javascript",
      bytes: new TextEncoder().encode(text),
      settings,
      limits: resolveLimits(settings.limits),
    },
    {
      modules: BOUND_MODULES,
      resolveModule: async () => undefined,
      log: (level, line) => logs.push({ level, text: line }),
    },
  );
  return {
    loaded,
    logs,
    async call({ start = "", ...options } = {}) {
      const context = makeTestContext({
        ...options,
        limits: { ...settings.limits, ...options.limits },
      });
      const outcome = await loaded.run(context, {
        startFunction: start,
        mode: undefined,
        arguments: [],
        posixFileName: "",
        posixArguments: [],
      });
      return Object.assign(context, outcome);
    },
  };
}
