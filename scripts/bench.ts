/**
 * `npm run bench [-- GROUP … --seconds N]`: measures, side by side with bare Node and workerd, prints a
 * table and writes artifacts/bench.json. Never part of the tests.
 */
import { parseArgs } from "node:util";
import { measureEditor } from "../bench/editor.ts";
import { measureGpu } from "../bench/gpu.ts";
import { measureMany } from "../bench/many.ts";
import { measureNeighbours } from "../bench/neighbours.ts";
import { measureReload } from "../bench/reload.ts";
import { Report } from "../bench/report.ts";
import { measureSaveToLive } from "../bench/save-to-live.ts";
import { measureSoak } from "../bench/soak.ts";
import { measureStart } from "../bench/start.ts";
import { measureStore } from "../bench/store.ts";
import { measureThroughput } from "../bench/throughput.ts";
import { measureWaiting } from "../bench/waiting.ts";
import { buildAll, ROOT } from "./build.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "4" }, soak: { type: "string", default: "30" } },
});
const durationMs = Number(values.seconds) * 1000;
const report = new Report();

const GROUPS: Readonly<Record<string, () => Promise<void>>> = {
  throughput: () => measureThroughput(report, durationMs),
  start: () => measureStart(report),
  reload: () => measureReload(report),
  save: () => measureSaveToLive(report),
  store: () => measureStore(report),
  neighbours: () => measureNeighbours(report, durationMs),
  waiting: () => measureWaiting(report),
  many: () => measureMany(report),
  gpu: () => measureGpu(report),
  editor: () => measureEditor(report),
  soak: () => measureSoak(report, Number(values.soak) * 1000),
};

await buildAll();
for (const [name, measure] of Object.entries(GROUPS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  await measure();
}
const met = await report.write(`${ROOT}artifacts/bench.json`);
console.log(met ? "\nAll targets are met." : "\nSome targets are missed: see docs/PERFORMANCE.md.");
