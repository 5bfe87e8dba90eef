import type { SectionID } from "../sections.ts";
import type { MakeView } from "../view.ts";
import { Backup } from "./backup.ts";
import { Calls } from "./calls.ts";
import { Functions } from "./functions.ts";
import { Gpu } from "./gpu.ts";
import { Invoke } from "./invoke.ts";
import { KeyValue } from "./key-value.ts";
import { Logs } from "./logs.ts";
import { Overview } from "./overview.ts";
import { Plugs } from "./plugs.ts";

/** The view of each section. */
export const VIEWS: { readonly [section in SectionID]: MakeView } = {
  overview: (app) => new Overview(app),
  functions: (app) => new Functions(app),
  plugs: (app) => new Plugs(app),
  kv: (app) => new KeyValue(app),
  gpu: (app) => new Gpu(app),
  calls: (app) => new Calls(app),
  logs: (app) => new Logs(app),
  invoke: (app) => new Invoke(app),
  backup: (app) => new Backup(app),
};
