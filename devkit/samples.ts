import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { MocError } from "../runtime/protocol/errors.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { FunctionProject } from "./manifest.ts";
import { nearest } from "./nearest.ts";
import { readShape, type ShapeReading } from "./read-shape.ts";
import { SAMPLE, type Sample } from "./sample-shape.ts";

/** Folder of a function's sample inputs. */
export const SAMPLES_FOLDER = "samples";

/** A sample input and the file that it is in. */
export interface SampleFile {
  /** Absolute path. */
  readonly file: string;
  /** `name` of the sample, else of the file. */
  readonly name: string;
  /** Absent when the file is not valid. */
  readonly sample?: Sample;
  readonly problems: readonly Diagnostic[];
}

/** Sample inputs of a function, in order of their file names; none where there is no folder. */
export async function readSamples(
  project: Pick<FunctionProject, "folder">,
): Promise<readonly SampleFile[]> {
  const folder = join(project.folder, SAMPLES_FOLDER);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
    throw error;
  });
  const files = names.filter((name) => name.endsWith(".json")).sort();
  return Promise.all(files.map((name) => readSample(join(folder, name))));
}

/**
 * The sample that is meant by its name, its file's name or a path.
 * @throws MocError MOC_NOT_FOUND naming the nearest one
 */
export function findSample(samples: readonly SampleFile[], meant: string): SampleFile {
  const found =
    samples.find(({ name }) => name === meant) ??
    samples.find(({ file }) => basename(file).replace(/\.json$/, "") === basename(meant, ".json"));
  if (found) return found;
  const names = samples.map(({ name }) => name);
  const near = nearest(meant, names);
  const hint = near ? `did you mean "${near}"?` : `there are ${names.join(", ") || "none"}.`;
  throw new MocError("MOC_NOT_FOUND", `There is no sample "${meant}": ${hint}`);
}

/** Reads one sample; its problems have their place in the file. */
export async function readSample(file: string): Promise<SampleFile> {
  return checkSample(await readFile(file, "utf8"), file);
}

/** Reads a sample's text; never throws. */
export function checkSample(text: string, file: string): SampleFile {
  const fileName = basename(file).replace(/(\.http)?\.json$/, "");
  const reading = readShape(SAMPLE, text, file);
  if (!reading.value) return { file, name: fileName, problems: reading.problems };
  const problems = crossChecks(reading.value, reading, file);
  const name = reading.value.name ?? fileName;
  return problems.length > 0
    ? { file, name, problems }
    : { file, name, sample: reading.value, problems };
}

const BODIES = ["body", "bodyJson", "bodyFile", "bodyBase64"] as const;
const CALL_ONLY = ["startFunction", "arguments", "posixArguments"] as const;
const URL_ONLY = ["path", "pathParams", "method", "query"] as const;

/** What the shape cannot say: fields that exclude each other. */
function crossChecks(sample: Sample, reading: ShapeReading<Sample>, file: string): Diagnostic[] {
  const problems: Diagnostic[] = [];
  const problem = (path: string, message: string): void => {
    const range = reading.locate(path);
    problems.push({ file, ...range, severity: "error", message, code: "MOC_MANIFEST" });
  };
  const bodies = BODIES.filter((name) => sample[name] !== undefined);
  const [, second] = bodies;
  if (second !== undefined) problem(second, `only one of ${bodies.join(" and ")} can be given`);
  const excluded = sample.mode === undefined ? CALL_ONLY : URL_ONLY;
  for (const name of excluded) {
    if (sample[name] === undefined) continue;
    const reason =
      sample.mode === undefined
        ? `needs "mode": it is for calls without a URL`
        : `is for calls by URL: leave it away, or leave "mode" away`;
    problem(name, `${name} ${reason}`);
  }
  if (sample.expect?.result !== undefined && sample.mode === undefined) {
    problem("expect.result", `expect.result needs "mode": a call by URL has a status`);
  }
  return problems;
}
