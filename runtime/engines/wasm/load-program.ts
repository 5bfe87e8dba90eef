import { MocError } from "../../protocol/errors.ts";
import type { FunctionImage } from "../../protocol/executor-messages.ts";
import { PLATFORM_LIMITS } from "../../protocol/limits.ts";
import type { EngineEnvironment } from "../engine.ts";
import { NO_BUDGET } from "../memory-budget.ts";
import { makeStartUpProcess } from "./call-process.ts";
import { compileModule } from "./compile-module.ts";
import { environmentImport } from "./environment-imports.ts";
import { guestApiImports, type ImportModules } from "./guest-api-imports.ts";
import type { HostFunction } from "./host-function.ts";
import { checkSignature, linkedImport } from "./linked-imports.ts";
import type { ModuleImport, ModuleInfo } from "./module-info.ts";
import { type RewrittenModule, rewriteModule } from "./rewrite.ts";
import { exportedFunction } from "./start-plan.ts";
import { WASI_IMPORTS } from "./wasi/wasi-imports.ts";
import { WasmProgram } from "./wasm-program.ts";

const WASM = "application/wasm";

/** What the modules of one function share while they are loaded. */
interface Loading {
  readonly image: FunctionImage;
  readonly environment: EngineEnvironment;
  readonly guestApi: ImportModules;
  /** Linked modules by name. */
  readonly linked: Map<string, WasmProgram>;
}

/** A module to be loaded, and the modules that wait for it, outermost first. */
interface ModuleToLoad {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly importers: readonly string[];
}

/** What is the same for a function's module and all that it links with. */
export function startLoading(image: FunctionImage, environment: EngineEnvironment): Loading {
  const guestApi = guestApiImports(environment.modules);
  return { image, environment, guestApi, linked: new Map() };
}

/**
 * Compiles a module, finds its imports (loading the modules that it links with), and readies its
 * first instance.
 *
 * @throws MOC_GUEST_INVALID, MOC_GUEST_LINK, MOC_LIMIT_MEMORY, or what its start-up code did wrong
 */
export async function loadProgram(loading: Loading, target: ModuleToLoad): Promise<WasmProgram> {
  const { limits, settings } = loading.image;
  const pagesMax = Math.min(Math.floor(limits.memoryMiB * 16), 65_536);
  const rewritten = rewriteModule(target.bytes, pagesMax, loading.image.debug);
  const module = await compileModule(target.name, rewritten);
  const functions = await resolveImports(loading, target, rewritten.info);
  const { info, state } = rewritten;
  const program = new WasmProgram({
    name: target.name,
    info,
    plan: {
      module,
      imports: info.imports,
      functions,
      state,
      memoryMax: rewritten.memoryMax,
      suspends: functions.some((one) => one?.waits),
      budget: loading.environment.memory ?? NO_BUDGET,
    },
    restorable: rewritten.restorable,
    codeShift: rewritten.codeShift,
    codeBytes: rewritten.bytes.length,
    memoryMiB: limits.memoryMiB,
    startUp: startUpExports(rewritten),
    startUpProcess: () =>
      makeStartUpProcess(target.name, settings, {
        log: (level, text) => loading.environment.log(level, text),
        fileBytesMax: limits.memoryMiB * 2 ** 20,
      }),
  });
  await program.prepare();
  return program;
}

/** What runs once before any call: the start section, a reactor's constructors, the author's own. */
function startUpExports({ info, state }: RewrittenModule): string[] {
  const names = state.start === undefined ? [] : [state.start];
  const runs = (name: string) => exportedFunction(info, name)?.params.length === 0;
  // A command's _start calls its constructors itself.
  if (runs("_initialize")) names.push("_initialize");
  else if (runs("__wasm_call_ctors") && !runs("_start")) names.push("__wasm_call_ctors");
  if (runs("moc_init")) names.push("moc_init");
  return names;
}

async function resolveImports(
  loading: Loading,
  target: ModuleToLoad,
  info: ModuleInfo,
): Promise<(HostFunction | undefined)[]> {
  const functions: (HostFunction | undefined)[] = [];
  for (const one of info.imports) functions.push(await resolveImport(loading, target, one));
  return functions;
}

async function resolveImport(
  loading: Loading,
  target: ModuleToLoad,
  one: ModuleImport,
): Promise<HostFunction | undefined> {
  const { name } = target;
  const label = `${one.module}.${one.field}`;
  const { type } = one;
  if (!type) {
    const supplied = one.module === "env" && (one.kind === "memory" || isFunctionTable(one));
    if (supplied) return undefined;
    throw new MocError(
      "MOC_GUEST_LINK",
      `${name} imports the ${one.kind} ${label}; only functions, and from env a memory or a table of functions, can be imported`,
    );
  }
  const known = loading.guestApi.get(one.module) ?? WASI_IMPORTS.get(one.module);
  if (known) {
    const host = known.get(one.field);
    if (!host) {
      throw new MocError("MOC_GUEST_LINK", `${name} imports ${label}, which does not exist`);
    }
    checkSignature(name, label, type, host.type);
    return host;
  }
  if (one.module === "env") {
    const host = environmentImport(one.field, type);
    if (host) return host;
    throw new MocError(
      "MOC_GUEST_LINK",
      `${name} imports ${label}: the function is declared but defined nowhere; define it, or name the module that it comes from (guest API functions are in core)`,
    );
  }
  const linked = await linkedProgram(loading, target, one.module);
  return linkedImport(name, linked, one.field, type);
}

function isFunctionTable(one: ModuleImport): boolean {
  return one.kind === "table" && one.valueType === "funcref";
}

async function linkedProgram(
  loading: Loading,
  target: ModuleToLoad,
  name: string,
): Promise<WasmProgram> {
  const loaded = loading.linked.get(name);
  if (loaded) return loaded;
  const importers = [...target.importers, target.name];
  if (importers.includes(name)) {
    throw new MocError(
      "MOC_GUEST_LINK",
      `modules import each other: ${[...importers, name].join(" -> ")}; call one of them by core.call_function instead`,
    );
  }
  if (loading.linked.size + importers.length > PLATFORM_LIMITS.linkedModules.value) {
    throw new MocError(
      "MOC_GUEST_LINK",
      `${target.name} imports from ${name}, which makes more than ${PLATFORM_LIMITS.linkedModules.value} linked modules`,
    );
  }
  const image = await loading.environment.resolveModule(name);
  if (!image) {
    throw new MocError(
      "MOC_GUEST_LINK",
      `${target.name} imports from ${name}, which is neither a guest API module, nor WASI, nor a registered function; push ${name} first, or correct the import`,
    );
  }
  if (image.contentType !== WASM) {
    throw new MocError(
      "MOC_GUEST_LINK",
      `${target.name} imports from ${name}, which is ${image.contentType}; only ${WASM} can be linked`,
    );
  }
  const program = await loadProgram(loading, { name, bytes: image.bytes, importers });
  loading.linked.set(name, program);
  return program;
}
