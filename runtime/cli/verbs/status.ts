import type { GpuState } from "../../protocol/gpu.ts";
import type { StoreState } from "../../protocol/rest.ts";
import { withClient } from "../target.ts";
import type { Terminal } from "../terminal.ts";
import { defineVerb, JSON_OPTION, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "status",
  usage: "",
  summary: "Show how the runtime is: version, address, memory, executors.",
  details: ["Exit code 1 when no runtime answers, or its store takes no writes."],
  operands: { min: 0, max: 0 },
  options: { ...TARGET_OPTIONS, ...JSON_OPTION },
  async run({ options, terminal }) {
    const status = await withClient(options, (client) => client.call("status"));
    const { store = { state: "ok" } } = status;
    const code = store.state === "ok" ? 0 : 1;
    if (options.json) {
      terminal.json(status);
      return code;
    }
    const { version, node, url, dataFolder, pid, uptimeMs, memory, executors } = status;
    const busy = executors.filter((one) => one.state === "busy").length;
    terminal.table([
      ["address", url],
      ["version", `${version} (Node ${node})`],
      ["data folder", dataFolder],
      ["process", `${pid}, up ${duration(uptimeMs)}`],
      ["memory", `${Math.round(memory.rssBytes / 1024 / 1024)} MiB`],
      ["executors", `${executors.length}, ${busy} busy`],
      ["gpu", gpuText(status.gpu)],
      ["store", storeText(store, terminal)],
    ]);
    return code;
  },
});

function gpuText(gpu: GpuState = { state: "idle" }): string {
  if (gpu.state === "idle") return "not needed so far (moc gpu)";
  if (gpu.state === "unavailable") return "none (moc gpu says why)";
  return `${gpu.adapter}, ${gpu.driver}, ${gpu.software ? "software" : "hardware"}`;
}

function storeText(store: StoreState, terminal: Terminal): string {
  if (store.state === "ok") return "takes writes";
  const since = new Date(store.since).toISOString();
  return `${terminal.style("red", "read-only")} since ${since}: ${store.error.message}`;
}

function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${seconds % 60} s`;
}
