import type { FunctionProject } from "./manifest.ts";
import { sampleMethod, samplePath } from "./sample-request.ts";
import type { Sample } from "./sample-shape.ts";

/** What to type to send a sample input by hand; curl has to trust the platform's certificate. */
export function sampleCommand(
  baseUrl: string,
  project: FunctionProject,
  sample: Sample | undefined,
): string {
  const { name, plugs = [], files = [] } = project.manifest;
  if (sample?.mode !== undefined || (plugs.length === 0 && files.length === 0)) {
    return callCommand(name, sample);
  }
  const method = sampleMethod(project, sample ?? {});
  const body = bodyWord(sample);
  const words = ["curl"];
  // What curl does without being told.
  if (method !== (body === undefined ? "GET" : "POST")) words.push(`-X ${method}`);
  for (const [header, value] of Object.entries(sample?.headers ?? {})) {
    words.push(`-H ${quote(`${header}: ${value}`)}`);
  }
  if (body !== undefined) words.push(body);
  const [first] = plugs;
  const path = sample ? samplePath(project, sample) : (first?.path ?? files[0]?.path ?? "/");
  return [...words, quote(baseUrl + path)].join(" ");
}

function callCommand(name: string, sample: Sample | undefined): string {
  const words = ["moc call", quote(name)];
  if (sample?.mode !== undefined) words.push(`-mode ${sample.mode}`);
  if (sample?.startFunction !== undefined)
    words.push(`-start_function ${quote(sample.startFunction)}`);
  if (sample?.body !== undefined) words.push(`-input ${quote(sample.body)}`);
  words.push(...(sample?.arguments ?? []).map(String));
  const posix = (sample?.posixArguments ?? []).map(quote);
  if (posix.length > 0) words.push("--", ...posix);
  return words.join(" ");
}

function bodyWord(sample: Sample | undefined): string | undefined {
  if (sample?.body !== undefined) return `--data-raw ${quote(sample.body)}`;
  if (sample?.bodyJson !== undefined) {
    return `--json ${quote(JSON.stringify(sample.bodyJson))}`;
  }
  if (sample?.bodyFile !== undefined) return `--data-binary ${quote(`@${sample.bodyFile}`)}`;
  return undefined;
}

/** One word for a POSIX shell, whatever it holds. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
