import type { ExecutorStatus, StoreState } from "../protocol/rest.ts";
import { memoryUsage } from "./memory-usage.ts";
import type { PlatformState } from "./platform-state.ts";
import type { Stats } from "./stats.ts";

interface MetricsSource {
  readonly state: PlatformState;
  readonly stats: Stats;
  readonly startedAt: number;
  executors(): readonly ExecutorStatus[];
  store(): StoreState;
}

/** Upper bounds of the latency buckets, in seconds. */
const BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

type Kind = "counter" | "gauge" | "histogram";

/** Everything that is counted, in the Prometheus text format 0.0.4. */
export function prometheusText(source: MetricsSource): string {
  const { state, stats } = source;
  const memory = memoryUsage();
  const functions = [...stats.functions()];
  const gauge = (name: string, help: string, value: number) =>
    family(name, "gauge", help, [`${name} ${value}`]);
  return [
    gauge("moc_uptime_seconds", "Time since the start.", (Date.now() - source.startedAt) / 1000),
    gauge("moc_memory_resident_bytes", "Resident memory of the process.", memory.rss),
    gauge("moc_memory_heap_bytes", "JavaScript heap in use.", memory.heapUsed),
    gauge(
      "moc_store_writable",
      "1 while the store takes writes, 0 after the disk refused one.",
      source.store().state === "ok" ? 1 : 0,
    ),
    gauge("moc_blobs", "Blobs stored.", state.blobs.count),
    gauge("moc_names", "Names registered.", state.names.count),
    gauge("moc_plugs", "Plugs.", state.plugs.count),
    gauge("moc_filters", "Filters.", state.filters.list().length),
    executorGauge(source.executors()),
    family("moc_events_total", "counter", "Counters of the platform.", counterLines(stats)),
    perFunction("moc_calls_total", "counter", "Finished calls.", functions, (one) => one.calls),
    perFunction(
      "moc_call_errors_total",
      "counter",
      "Failed calls.",
      functions,
      (one) => one.errors,
    ),
    perFunction(
      "moc_memory_guest_bytes",
      "gauge",
      "Linear memory at the end of the last call.",
      functions,
      (one) => one.memoryBytes,
    ),
    latencyHistogram(functions),
  ].join("");
}

type FunctionEntry = ReturnType<Stats["functions"]> extends IterableIterator<infer E> ? E : never;

function perFunction(
  name: string,
  kind: Kind,
  help: string,
  functions: readonly FunctionEntry[],
  value: (figures: FunctionEntry[1]) => number,
): string {
  const lines = functions.map(([of, one]) => `${name}{function="${label(of)}"} ${value(one)}`);
  return family(name, kind, help, lines);
}

function latencyHistogram(functions: readonly FunctionEntry[]): string {
  const name = "moc_call_duration_seconds";
  const lines = functions.flatMap(([of, { all }]) => {
    const fn = `function="${label(of)}"`;
    return [
      ...BUCKETS.map((le) => `${name}_bucket{${fn},le="${le}"} ${all.atMost(le * 1000)}`),
      `${name}_bucket{${fn},le="+Inf"} ${all.total}`,
      `${name}_sum{${fn}} ${all.sumMs / 1000}`,
      `${name}_count{${fn}} ${all.total}`,
    ];
  });
  return family(name, "histogram", "Wall time of calls.", lines);
}

function executorGauge(executors: readonly ExecutorStatus[]): string {
  const counts = new Map<string, number>();
  for (const one of executors) counts.set(one.state, (counts.get(one.state) ?? 0) + 1);
  const lines = [...counts].map(([state, count]) => `moc_executors{state="${state}"} ${count}`);
  return family("moc_executors", "gauge", "Executors by state.", lines);
}

function counterLines(stats: Stats): string[] {
  return Object.entries(stats.counters).map(
    ([name, value]) => `moc_events_total{name="${label(name)}"} ${value}`,
  );
}

function family(name: string, kind: Kind, help: string, lines: readonly string[]): string {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...lines, ""].join("\n");
}

function label(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
