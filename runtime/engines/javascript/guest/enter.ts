import { SCRIPT_STARTS } from "../../../protocol/start-names.ts";
import { Body, chunksOf, HostSource } from "./body.ts";
import { lazyFacts } from "./call-facts.ts";
import { Environment } from "./env.ts";
import { ask, describeError, host, toHostBytes } from "./host.ts";
import type { ByteStream } from "./lazy-streams.ts";
import { ASK, INPUT_SOURCE, OP } from "./ops.ts";
import { IncomingParts, Request } from "./request.ts";
import { Response } from "./response.ts";
import { Socket } from "./socket.ts";

type Start = (...args: unknown[]) => unknown;

/** The only way to a script's lexical bindings; under another name `eval` works in global scope. */
// biome-ignore lint/security/noGlobalEval: there is no other way to them
const evaluateGlobally: (code: string) => unknown = globalThis.eval;

/** Flags of a module's call. */
const HAS_BODY = 1;
const MESSAGES = 2;

type Module = Readonly<Record<string, unknown>>;

let module: Module = {};

/** Remembers the module that was loaded: its namespace is what calls enter. */
export function adopt(namespace: Module): void {
  module = namespace;
  compileRoutes(namespace.default);
}

/**
 * Hono compiles its routes when the first request comes, which would be at each call, because each
 * call begins in the heap that is saved after this.
 */
function compileRoutes(app: unknown): void {
  const { router, routes } = (app ?? {}) as {
    readonly router?: { readonly match?: unknown };
    readonly routes?: unknown;
  };
  if (!Array.isArray(routes) || typeof router?.match !== "function") return;
  try {
    router.match("GET", "/");
  } catch {
    // Not the router we took it for: its application will do what it does.
  }
}

/** Calls a global function of a script. Answers its result, or undefined if that comes later. */
export function enterScript(name: string): unknown {
  const start = scriptFunction(name);
  if (!start) throw noStart(name, scriptNames());
  const result: unknown = start();
  if (isPromise(result)) result.then((value) => finish(toResult(value)), fail);
  else return toResult(result);
  return undefined;
}

/**
 * What a module's function is given. Those of a call that begins in the saved heap are made before
 * it is saved: they cost the call nothing.
 */
class CallObjects {
  readonly parts: IncomingParts;
  readonly request: Request;
  readonly environment: Environment;
  readonly lifetime = new CallLifetime();

  constructor() {
    const facts = lazyFacts();
    this.parts = new IncomingParts(facts);
    this.request = Request._of(this.parts);
    this.environment = new Environment(facts);
  }
}

/** Calls a function of the module and sends what it answers. */
export function enterModule(name: string, flags: number): void {
  const messages = (flags & MESSAGES) !== 0;
  const wanted = name === "" || name === "_start" ? defaultName(messages) : name;
  try {
    const start = moduleFunction(wanted);
    if (!start) throw noStart(wanted, moduleNames());
    const { parts, request, environment, lifetime } = ready ?? new CallObjects();
    // Functions with shared state are entered again in the same heap.
    ready = undefined;
    if (flags === HAS_BODY) parts.content = new HostSource(INPUT_SOURCE);
    const self = start === module[wanted] || start === module.default ? undefined : module.default;
    const args = [request, environment, lifetime];
    const answer =
      wanted === "websocket"
        ? Reflect.apply(start, self, [new Socket(), ...args])
        : Reflect.apply(start, self, args);
    const { waits } = lifetime;
    if (answer instanceof Response || !isPromise(answer)) conclude(wanted, answer, waits);
    else
      Promise.resolve(answer)
        .then((result) => conclude(wanted, result, waits))
        .catch(fail);
  } catch (error) {
    fail(error);
  }
}

/** Sends what the function answered; answers a promise if that takes longer. */
function conclude(
  wanted: string,
  result: unknown,
  waits: readonly Promise<unknown>[],
): Promise<void> | undefined {
  if (result instanceof Response) {
    if (waits.length === 0 && sendWhole(result, true)) return undefined;
  } else if (wanted === "fetch") {
    const kind = Object.prototype.toString.call(result);
    throw new TypeError(`fetch must answer a Response, not ${kind}`);
  } else if (waits.length === 0) {
    finish(toResult(result));
    return undefined;
  }
  return concludeLater(result, waits);
}

async function concludeLater(result: unknown, waits: readonly Promise<unknown>[]): Promise<void> {
  try {
    if (result instanceof Response && !sendWhole(result, false)) await sendStream(result);
    // Also what is added while waiting is waited for.
    for (let i = 0; i < waits.length; i++) await waits[i];
    finish(result instanceof Response ? result.status : toResult(result));
  } catch (error) {
    fail(error);
  }
}

/** `ctx`, the third argument of a module's functions. */
class CallLifetime {
  readonly waits: Promise<unknown>[] = [];

  /** The call goes on until this is done, also after the response. */
  waitUntil(work: unknown): void {
    this.waits.push(Promise.resolve(work).catch(logFailure));
  }

  passThroughOnException(): void {}
}

/** Of the next call, until it takes them. */
let ready: CallObjects | undefined = new CallObjects();

/** Sends a response that is there as a whole; the call is over with it when it is `last`. */
function sendWhole(response: Response, last: boolean): boolean {
  const { content, status } = Body._parts(response);
  if (content === undefined || typeof content === "string" || content instanceof Uint8Array) {
    Body._take(response);
    const body = content === undefined ? undefined : toHostBytes(content);
    host(OP.RESPOND, status, Response._headersText(response), body, last ? 1 : 0);
    return true;
  }
  return false;
}

async function sendStream(response: Response): Promise<void> {
  const content = Body._take(response);
  host(OP.RESPOND, response.status, Response._headersText(response), undefined, 0);
  if (content instanceof HostSource) await ask(ASK.PIPE, content.id);
  else
    for await (const chunk of chunksOf(content as ByteStream))
      await ask(ASK.WRITE, toHostBytes(chunk));
}

function defaultName(messages: boolean): string {
  return messages && moduleFunction("websocket") ? "websocket" : "fetch";
}

/** A named export, or a method of the default export. */
function moduleFunction(name: string): Start | undefined {
  // A namespace has no prototype: what it has is exported.
  const own = module[name];
  if (typeof own === "function" && name !== "default") return own as Start;
  const main = module.default as Record<string, unknown> | Start | undefined;
  if (typeof main === "function" && (name === "fetch" || name === "default")) return main as Start;
  const method = (main as Record<string, unknown> | undefined)?.[name];
  return typeof method === "function" ? (method as Start) : undefined;
}

function moduleNames(): string[] {
  const main = module.default;
  const methods =
    typeof main === "object" && main !== null
      ? Object.entries(main)
          .filter(([, value]) => typeof value === "function")
          .map(([name]) => `default.${name}`)
      : [];
  const exported = Object.keys(module).filter((name) => typeof module[name] === "function");
  return [...exported, ...methods];
}

const platformNames = new Set<string>();

/** Remembers which global names are not the user's. */
export function rememberGlobals(): void {
  for (const name of Object.getOwnPropertyNames(globalThis)) platformNames.add(name);
}

function scriptNames(): string[] {
  const globals = globalThis as unknown as Record<string, unknown>;
  return Object.getOwnPropertyNames(globalThis).filter(
    (name) => !platformNames.has(name) && typeof globals[name] === "function",
  );
}

function scriptFunction(name: string): Start | undefined {
  const names = name === "" || name === "_start" ? SCRIPT_STARTS : [name];
  for (const one of names) {
    const found = lookUp(one);
    if (typeof found === "function") return found as Start;
  }
  return undefined;
}

/** A global function, or a top-level `const` of the script, which is no property of the global. */
function lookUp(name: string): unknown {
  if (platformNames.has(name)) return undefined;
  const globals = globalThis as unknown as Record<string, unknown>;
  if (Object.hasOwn(globals, name)) return globals[name];
  if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) return undefined;
  try {
    return evaluateGlobally(`typeof ${name} === "function" ? ${name} : undefined`);
  } catch {
    return undefined;
  }
}

function noStart(name: string, found: readonly string[]): Error {
  const list = found.length > 0 ? `there is ${found.join(", ")}` : "there is no function at all";
  const error = new Error(
    `the start function '${name || SCRIPT_STARTS[0]}' does not exist; ${list}`,
  );
  error.name = "MocError";
  return Object.assign(error, { code: "MOC_GUEST_NO_START" });
}

function toResult(value: unknown): number {
  return typeof value === "number" ? value | 0 : 0;
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | undefined | null)?.then === "function";
}

function finish(result: number): void {
  host(OP.FINISH, result);
}

function fail(error: unknown): void {
  host(OP.FAIL, describeError(error));
}

function logFailure(error: unknown): void {
  const { name, message, stack } = JSON.parse(describeError(error));
  host(OP.LOG, 3, `waitUntil: ${name}: ${message}\n${stack}`);
}
