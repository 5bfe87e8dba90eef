import assert from "node:assert/strict";
import { resolve } from "node:path";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import type { DeploySuccess } from "../../devkit/deploy.ts";
import { MocError } from "../protocol/errors.ts";
import { deployedJson, printFolderError, printSaved } from "./print-outcome.ts";
import { Terminal } from "./terminal.ts";

const outcome: DeploySuccess = {
  ok: true,
  name: "shop",
  revision: 2,
  techID: "ab".repeat(32),
  changed: ["shop is now abababababab (revision 2)"],
  urls: ["https://localhost:1/shop"],
  uploadedBytes: 1,
  build: {
    ok: true,
    artifact: new Uint8Array(1),
    contentType: "text/javascript",
    durationMs: 12.4,
    toolVersion: "esbuild 1",
    diagnostics: [],
  },
};

function printed(now: DeploySuccess, before: DeploySuccess | undefined): string {
  const out = new PassThrough();
  const since = before ? "save" : "start";
  printSaved(now, { durationMs: 41.6, since, before }, new Terminal(out as never, out as never));
  return String(out.read());
}

test("a save that moved nothing but the code is one line", () => {
  assert.equal(printed(outcome, outcome), "shop revision 2, live 42 ms after the save\n");
  const same = { ...outcome, changed: [] };
  assert.equal(printed(same, outcome), "shop revision 2, unchanged 42 ms after the save\n");
});

test("a version that cannot be loaded is told with its place and what follows", () => {
  const place = { file: "/shop/index.js", line: 3, column: 7 };
  const told = "Error: not today";
  const diagnostic = {
    ...place,
    severity: "error",
    message: told,
    code: "MOC_GUEST_INVALID",
  } as const;
  const problem = { code: "MOC_GUEST_INVALID", message: told, position: place } as const;
  const broken = { ...outcome, problem, build: { ...outcome.build, diagnostics: [diagnostic] } };
  for (const before of [outcome, undefined]) {
    const text = printed(broken, before);
    assert.ok(text.includes("/shop/index.js:3:7: error: Error: not today [MOC_GUEST_INVALID]\n"));
    assert.ok(text.includes("\nwarning: shop is deployed, but cannot be loaded: its calls fail"));
  }
  assert.deepEqual((deployedJson(broken) as { problem?: unknown }).problem, problem);
});

test("addresses are told at first and when they change", () => {
  const first = printed(outcome, undefined);
  assert.match(first, /\n {2}https:\/\/localhost:1\/shop\n {2}live 42 ms after the start\n$/);
  const plugged = { ...outcome, changed: [...outcome.changed, "plugged GET /x"] };
  assert.match(printed(plugged, outcome), /\n {2}plugged GET \/x\n {2}https:/);
  const moved = { ...outcome, urls: ["https://localhost:1/store"] };
  assert.match(printed(moved, outcome), /localhost:1\/store/);
});

test("an error beside the source names the folder of its function, once", () => {
  const told = (folder: string, message: string): string => {
    const out = new PassThrough();
    const error = new MocError("MOC_BUILD_FAILED", message);
    printFolderError(resolve(folder), error, new Terminal(out as never, out as never));
    return String(out.read());
  };
  const message = "make was ended: it ran longer than 300 s.";
  assert.equal(told("shop", message), `error: shop: ${message} [MOC_BUILD_FAILED]\n`);
  assert.equal(told(".", message), `error: ${message} [MOC_BUILD_FAILED]\n`);
  const place = `There is no source in ${resolve("shop")}.`;
  assert.equal(told("shop", place), `error: ${place} [MOC_BUILD_FAILED]\n`);
});
