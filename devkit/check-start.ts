import { readFile } from "node:fs/promises";
import { WASM_STARTS } from "../runtime/protocol/start-names.ts";
import type { BuildResult, BuildSuccess } from "./builders/builder.ts";
import { builderFor } from "./builders/list.ts";
import { mainSource } from "./builders/source.ts";
import { failure } from "./builders/tool-result.ts";
import { exportedFunctions } from "./debug/wasm-sections.ts";
import { type Diagnostic, formatDiagnostic } from "./diagnostic.ts";
import type { FunctionProject } from "./manifest.ts";
import { MANIFEST, type Manifest } from "./manifest-shape.ts";
import { nearest } from "./nearest.ts";
import { readShape } from "./read-shape.ts";
import { type Starts, scriptStarts } from "./script-starts.ts";

/** How the manifest enters the function, and where it says so. */
interface Entry {
  /** Empty: nothing is named. */
  readonly start: string;
  readonly path: string;
}

/** More names than this are not read. */
const NAMES_MAX = 12;

/**
 * Fails a build whose artefact has not the function that its plugs and filters enter: each call would.
 * Of a script only what cannot be there is said; the rest shows when it is called. A function that
 * has neither plugs nor filters nor a start function may be there for others to link with.
 */
export async function checkStart(
  project: FunctionProject,
  build: BuildSuccess,
): Promise<BuildResult> {
  const entries = entriesOf(project.manifest);
  const starts = entries.length > 0 ? startsOf(build) : undefined;
  if (!starts) return build;
  const missing = entries.filter(({ start }) => !isThere(start, starts));
  const [first] = missing;
  if (!first) return build;
  const found = await Promise.all(missing.map((entry) => problemOf(project, entry, starts)));
  const diagnostics = [...found, ...build.diagnostics];
  const output = found.map(formatDiagnostic).join("\n");
  const { durationMs, toolVersion } = build;
  const file = project.manifestFile;
  return failure({ diagnostics, durationMs, toolVersion, output, file });
}

/** Each start function once, at the first place that asks for it. */
function entriesOf({ start, plugs = [], filters = [] }: Manifest): readonly Entry[] {
  const entries = start ? [{ start, path: "start" }] : [];
  const add = (list: string, all: readonly { readonly start?: string | undefined }[]): void => {
    for (const [i, one] of all.entries()) {
      const path = `${list}[${i}]`;
      if (one.start) entries.push({ start: one.start, path: `${path}.start` });
      else if (!start) entries.push({ start: "", path });
    }
  };
  add("plugs", plugs);
  add("filters", filters);
  return entries.filter((one, i) => entries.findIndex(({ start }) => start === one.start) === i);
}

/** undefined: nothing is known of such an artefact. */
function startsOf({ artifact, contentType, exports }: BuildSuccess): Starts | undefined {
  if (contentType === "application/wasm") return wasmStarts(artifact);
  return contentType === "text/javascript" ? scriptStarts(artifact, exports) : undefined;
}

function wasmStarts(artifact: Uint8Array): Starts | undefined {
  try {
    const names = exportedFunctions(artifact);
    return { names, defaults: WASM_STARTS, mayHave: (name) => names.includes(name) };
  } catch (error) {
    // A file that is no module: the runtime says what is wrong with it.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function isThere(start: string, { defaults, mayHave }: Starts): boolean {
  // A command's own name for it also stands for what a script is entered by.
  const isDefault = start === "" || (start === "_start" && defaults !== WASM_STARTS);
  return isDefault ? defaults.some(mayHave) : mayHave(start);
}

async function problemOf(
  project: FunctionProject,
  { start, path }: Entry,
  starts: Starts,
): Promise<Diagnostic> {
  const place = start === "" ? await inSource(project) : await inManifest(project, path);
  return { ...place, severity: "error", message: messageOf(start, starts), code: CODE };
}

const CODE = "MOC_GUEST_NO_START";

function messageOf(start: string, { names, defaults }: Starts): string {
  const shown = names.slice(0, NAMES_MAX).join(", ") + (names.length > NAMES_MAX ? ", …" : "");
  const there = names.length > 0 ? `there is ${shown}` : "it has no function to enter";
  if (start !== "") {
    const meant = nearest(start, names);
    const hint = meant === undefined ? "" : `; did you mean "${meant}"?`;
    return `the start function "${start}" is not in what was built: ${there}${hint}`;
  }
  const either = new Intl.ListFormat("en", { type: "disjunction" }).format(defaults);
  const misspelt = names.find((one) => nearest(one, defaults) !== undefined);
  const remedy =
    misspelt === undefined
      ? `write one of them, or name another by "start" in moc.json`
      : `should "${misspelt}" be "${nearest(misspelt, defaults)}"?`;
  return `nothing to enter: a call enters ${either}, and ${there}; ${remedy}`;
}

async function inManifest({ manifestFile }: FunctionProject, path: string) {
  const text = await readFile(manifestFile, "utf8");
  const { locate } = readShape<Manifest>(MANIFEST, text, manifestFile);
  return { file: manifestFile, ...locate(path) };
}

async function inSource(project: FunctionProject) {
  const { defaultSources } = builderFor(project);
  const { build, language } = project.manifest;
  const hasSource = !build && language !== "prebuilt";
  const file = hasSource ? await mainSource(project, defaultSources) : project.manifestFile;
  return { file, line: 1, column: 1 };
}
