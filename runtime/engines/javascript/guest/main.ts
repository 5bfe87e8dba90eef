/** The prelude: everything a guest finds in its global scope, and what the host calls. */
import { Blob, File } from "./blob.ts";
import { console } from "./console.ts";
import { CryptoKey, crypto } from "./crypto.ts";
import { atob, btoa, TextDecoder, TextEncoder } from "./encoding.ts";
import { adopt, enterModule, enterScript, rememberGlobals } from "./enter.ts";
import {
  AbortController,
  AbortSignal,
  CustomEvent,
  DOMException,
  Event,
  EventTarget,
} from "./events.ts";
import { fetch } from "./fetch.ts";
import { FormData } from "./form-data.ts";
import { defineModules, requireApi } from "./guest-api.ts";
import { Headers } from "./headers.ts";
import { describeError, host, makeError, settle } from "./host.ts";
import { STREAM_NAMES, streams } from "./lazy-streams.ts";
import { OP } from "./ops.ts";
import { Request } from "./request.ts";
import { Response } from "./response.ts";
import { structuredClone } from "./structured-clone.ts";
import { clearTimer, queueMicrotask, setInterval, setTimeout } from "./timers.ts";
import { URL, URLSearchParams } from "./url.ts";

const globals: Record<string, unknown> = {
  AbortController,
  AbortSignal,
  Blob,
  CryptoKey,
  CustomEvent,
  DOMException,
  Event,
  EventTarget,
  File,
  FormData,
  Headers,
  Request,
  Response,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
  atob,
  btoa,
  clearInterval: clearTimer,
  clearTimeout: clearTimer,
  console,
  crypto,
  fetch,
  navigator: { userAgent: "My-Own-Cluster" },
  performance: {
    now: () => host(OP.NOW),
    get timeOrigin() {
      return Date.now() - Number(host(OP.NOW));
    },
  },
  queueMicrotask,
  requireApi,
  self: globalThis,
  setInterval,
  setTimeout,
  structuredClone,
};

for (const [name, value] of Object.entries(globals)) {
  // Bundling has shortened the names of classes, which guests see in their logs.
  if (typeof value === "function") Object.defineProperty(value, "name", { value: name });
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}
for (const name of STREAM_NAMES) {
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get() {
      const value = streams().all[name];
      Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
      return value;
    },
    set(value) {
      Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
    },
  });
}

/** What the host takes: see `Internals` in ../host-value.ts. */
(globalThis as unknown as { __internals: unknown }).__internals = {
  makeError: (json: string) => makeError(JSON.parse(json)),
  describeError,
  parseJson: JSON.parse,
  adopt,
  enterScript,
  enterModule,
  settle,
  prepare(modules: Parameters<typeof defineModules>[0]) {
    defineModules(modules);
    rememberGlobals();
  },
};
