/** Figures as people read them. */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** Such as `1.6 MiB`. */
export function formatBytes(bytes: number): string {
  return splitBytes(bytes).join(" ");
}

/** A size as number and unit. */
export function splitBytes(bytes: number): readonly [value: string, unit: string] {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const text = unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1);
  return [String(text), UNITS[unit] ?? ""];
}

/** A duration as number and unit, so that the unit can be set smaller. */
export function splitMs(ms: number): readonly [value: string, unit: string] {
  if (ms === 0) return ["0", "ms"];
  if (ms < 1) return [String(Math.round(ms * 1000)), "µs"];
  if (ms < 100) return [ms.toFixed(ms < 10 ? 2 : 1), "ms"];
  if (ms < 10_000) return [String(Math.round(ms)), "ms"];
  return [(ms / 1000).toFixed(1), "s"];
}

/** As `splitMs`, of calls: none lately have no latency, which is not one of zero. */
export function splitLatency(ms: number): readonly [value: string, unit: string] {
  return ms === 0 ? ["–", ""] : splitMs(ms);
}

/** Such as `14.4 ms`. */
export function formatMs(ms: number): string {
  return splitMs(ms).join(" ");
}

/** Such as `9,876`, `12.3 k` or `4.5 M`. */
export function formatCount(count: number): string {
  if (count < 10_000) return count.toLocaleString("en");
  if (count < 1_000_000) return `${(count / 1000).toFixed(1)} k`;
  return `${(count / 1_000_000).toFixed(1)} M`;
}

/** `3 h 12 min` */
export function formatUptime(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return `${Math.floor(ms / 1000)} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function formatTime(at: number): string {
  return new Date(at).toLocaleTimeString("en-GB");
}

export function formatDateTime(at: number): string {
  return new Date(at).toLocaleString("en-GB");
}

export function shortID(techID: string): string {
  return techID.slice(0, 12);
}

const LANGUAGES: Readonly<Record<string, string>> = {
  javascript: "JavaScript",
  typescript: "TypeScript",
  assemblyscript: "AssemblyScript",
  rust: "Rust",
  c: "C",
  cpp: "C++",
  go: "Go",
  tinygo: "TinyGo",
  zig: "Zig",
  wat: "WAT",
  wasm: "WebAssembly",
  wgsl: "WGSL",
  glsl: "GLSL",
  "application/wasm": "WebAssembly",
  "text/javascript": "JavaScript",
  "application/javascript": "JavaScript",
  "text/wgsl": "WGSL",
  "text/x-glsl-compute": "GLSL",
  "text/glsl": "GLSL",
};

/** A language as people write it, by its name in a manifest or by a content type. */
export function formatLanguage(language: string): string {
  return LANGUAGES[language.toLowerCase()] ?? language;
}
