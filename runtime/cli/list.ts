import type { AnyVerb } from "./verb.ts";

type Load = () => Promise<AnyVerb>;

const load = (module: Promise<{ readonly verb: AnyVerb }>): Promise<AnyVerb> =>
  module.then(({ verb }) => verb);

/** Every verb, loaded when it is needed. A new one is a file and a line here. */
export const VERBS: Readonly<Record<string, Load>> = {
  new: () => load(import("./verbs/new.ts")),
  dev: () => load(import("./verbs/dev.ts")),
  build: () => load(import("./verbs/build.ts")),
  deploy: () => load(import("./verbs/deploy.ts")),
  undeploy: () => load(import("./verbs/undeploy.ts")),
  rollback: () => load(import("./verbs/rollback.ts")),
  invoke: () => load(import("./verbs/invoke.ts")),
  test: () => load(import("./verbs/test.ts")),
  bindings: () => load(import("./verbs/bindings.ts")),
  templates: () => load(import("./verbs/templates.ts")),
  serve: () => load(import("./verbs/serve.ts")),
  stop: () => load(import("./verbs/stop.ts")),
  status: () => load(import("./verbs/status.ts")),
  functions: () => load(import("./verbs/functions.ts")),
  logs: () => load(import("./verbs/logs.ts")),
  kv: () => load(import("./verbs/kv.ts")),
  gpu: () => load(import("./verbs/gpu.ts")),
  backup: () => load(import("./verbs/backup.ts")),
  restore: () => load(import("./verbs/restore.ts")),
  token: () => load(import("./verbs/token.ts")),
  doctor: () => load(import("./verbs/doctor.ts")),
  push: () => load(import("./verbs/push.ts")),
  call: () => load(import("./verbs/call.ts")),
  run: () => load(import("./verbs/run.ts")),
  upload: () => load(import("./verbs/upload.ts")),
  "upload-dir": () => load(import("./verbs/upload-dir.ts")),
  plug: () => load(import("./verbs/plug.ts")),
  unplug: () => load(import("./verbs/unplug.ts")),
  "plug-filter": () => load(import("./verbs/plug-filter.ts")),
  "unplug-filter": () => load(import("./verbs/unplug-filter.ts")),
  "export-database": () => load(import("./verbs/export-database.ts")),
  "guest-api": () => load(import("./verbs/guest-api.ts")),
  remote: () => load(import("./verbs/remote.ts")),
  version: () => load(import("./verbs/version.ts")),
};

/** How the help groups them. */
export const VERB_GROUPS: Readonly<Record<string, readonly string[]>> = {
  "Write functions": [
    "new",
    "dev",
    "build",
    "deploy",
    "undeploy",
    "rollback",
    "invoke",
    "test",
    "bindings",
    "templates",
    "doctor",
  ],
  "Run the platform": [
    "serve",
    "stop",
    "status",
    "functions",
    "logs",
    "kv",
    "gpu",
    "backup",
    "restore",
    "token",
    "remote",
    "version",
  ],
  "Move single pieces": [
    "push",
    "call",
    "run",
    "upload",
    "upload-dir",
    "plug",
    "unplug",
    "plug-filter",
    "unplug-filter",
    "export-database",
    "guest-api",
  ],
};
