import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { MocError } from "../runtime/protocol/errors.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { MANIFEST, type Manifest } from "./manifest-shape.ts";
import { readShape, type ShapeReading } from "./read-shape.ts";
import { whyUnreadable } from "./why-unreadable.ts";

/** What makes a folder a function. */
export const MANIFEST_FILE = "moc.json";

/** A function on the developer's side. */
export interface FunctionProject {
  /** Absolute path of the folder. */
  readonly folder: string;
  /** Absolute path of its moc.json. */
  readonly manifestFile: string;
  readonly manifest: Manifest;
}

interface ManifestCheck {
  /** Present when there are no problems. */
  readonly manifest?: Manifest;
  readonly problems: readonly Diagnostic[];
}

/** Reads a manifest's text; never throws, all problems have their place in the file. */
export function checkManifest(text: string, file: string): ManifestCheck {
  const reading = readShape(MANIFEST, text, file);
  if (!reading.value) return { problems: reading.problems };
  const problems = crossChecks(reading.value, reading, file);
  return problems.length > 0 ? { problems } : { manifest: reading.value, problems };
}

/**
 * Reads the function in a folder.
 * @throws MocError MOC_NOT_FOUND (no moc.json), MOC_MANIFEST (with the position of the first problem)
 */
export async function readProject(folder: string): Promise<FunctionProject> {
  const root = resolve(folder);
  const manifestFile = join(root, MANIFEST_FILE);
  const { manifest, problems } = checkManifest(await readManifestText(manifestFile), manifestFile);
  if (!manifest) throw problemsAsError(problems);
  return { folder: root, manifestFile, manifest };
}

/** A file of the user's that cannot be read: the message has a line for each problem. */
export class ManifestError extends MocError {
  readonly problems: readonly Diagnostic[];

  constructor(first: Diagnostic, problems: readonly Diagnostic[]) {
    const { file, line, column } = first;
    const lines = problems.map((one) => `${one.file}:${one.line}:${one.column}: ${one.message}`);
    super("MOC_MANIFEST", lines.join("\n"), { position: { file, line, column } });
    this.problems = problems;
  }
}

/** One error for the problems of one file, at the first one's place. */
export function problemsAsError(problems: readonly Diagnostic[]): ManifestError {
  const [first] = problems;
  if (!first) throw new TypeError("no problem to report");
  return new ManifestError(first, problems);
}

async function readManifestText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const message =
      code === "ENOENT" || code === "ENOTDIR"
        ? `There is no ${MANIFEST_FILE} in ${resolve(file, "..")}: make a function with "moc new", or go to its folder.`
        : `${file} ${whyUnreadable(error)}.`;
    throw new MocError("MOC_NOT_FOUND", message, { cause: error });
  }
}

/** What the shape cannot say: fields that need or exclude each other. */
function crossChecks(manifest: Manifest, reading: ShapeReading<Manifest>, file: string) {
  const problems: Diagnostic[] = [];
  const problem = (path: string, message: string): void => {
    const range = reading.locate(path);
    problems.push({ file, ...range, severity: "error", message, code: "MOC_MANIFEST" });
  };
  for (const [i, { dir, file: one, contentType }] of (manifest.files ?? []).entries()) {
    if ((dir === undefined) === (one === undefined)) {
      problem(`files[${i}]`, `files[${i}] needs one of dir and file`);
    } else if (dir !== undefined && contentType !== undefined) {
      problem(`files[${i}].contentType`, `files[${i}].contentType goes with file, not with dir`);
    }
  }
  if (manifest.language === "prebuilt" && manifest.artifact === undefined && !manifest.build) {
    problem("language", `language prebuilt needs "artifact", the file to deploy`);
  }
  if (manifest.language === "custom" && !manifest.build) {
    problem("language", `language custom needs "build" with a command and its output`);
  }
  if (manifest.artifact !== undefined && manifest.language !== "prebuilt") {
    problem("artifact", "artifact goes with language prebuilt");
  }
  const seen = new Set<string>();
  for (const [i, plug] of (manifest.plugs ?? []).entries()) {
    const key = `${(plug.method ?? "get").toLowerCase()} ${plug.host ?? ""}${plug.path}`;
    if (seen.has(key)) problem(`plugs[${i}]`, `plugs[${i}] repeats ${key}`);
    seen.add(key);
  }
  return problems;
}
