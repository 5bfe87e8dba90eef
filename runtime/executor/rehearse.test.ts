import assert from "node:assert/strict";
import { test } from "node:test";
import { ENGINES } from "../engines/list.ts";
import { BOUND_MODULES } from "../guest-api/bound-modules.ts";
import type { HostClient } from "../protocol/host-ops.ts";
import { rehearse } from "./rehearse.ts";

/** A rehearsal that asked the host would be answered by nobody. */
const host = {} as HostClient;

test("every engine's rehearsals run as they should", async () => {
  const rehearsed = ENGINES.flatMap((engine) => engine.rehearsals ?? []);
  assert.ok(rehearsed.length >= 3);
  let asked = 0;
  await rehearse(ENGINES, BOUND_MODULES, host, () => ++asked > 0);
  assert.equal(asked, rehearsed.length);
});

test("a function that comes meanwhile ends the rehearsal", async () => {
  let loads = 0;
  const engines = ENGINES.map((engine) => ({
    ...engine,
    load: (...args: Parameters<typeof engine.load>) => {
      loads++;
      return engine.load(...args);
    },
  }));
  await rehearse(engines, BOUND_MODULES, host, () => loads === 0);
  assert.equal(loads, 1);
});
