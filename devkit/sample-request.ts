import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { MocError } from "../runtime/protocol/errors.ts";
import type { FunctionRequest } from "./client.ts";
import { contentTypeOf } from "./content-type.ts";
import type { FunctionProject } from "./manifest.ts";
import type { Sample } from "./sample-shape.ts";
import { whyUnreadable } from "./why-unreadable.ts";

/**
 * The path and query that a sample asks for: its own path, or that of the function's first plug,
 * with the parameters put in.
 * @throws MocError MOC_MANIFEST when there is no path, or a parameter is missing
 */
export function samplePath(project: FunctionProject, sample: Sample): string {
  const { plugs = [], files = [] } = project.manifest;
  const pattern = sample.path ?? plugs[0]?.path ?? files[0]?.path;
  if (pattern === undefined) {
    throw new MocError(
      "MOC_MANIFEST",
      `${project.manifest.name} has no plug: give the sample a "path", or a "mode" to call the function without a URL.`,
    );
  }
  const [path = "", ownQuery] = pattern.split(/\?(.*)/s);
  const filled = path.replaceAll(/(?<=\/)([!*])([\w-]+)/g, (_, kind: string, name: string) => {
    const value = sample.pathParams?.[name];
    if (value === undefined) {
      const message = `The path ${path} needs a value for "${name}": add it to "pathParams".`;
      throw new MocError("MOC_MANIFEST", message);
    }
    return kind === "*"
      ? value.split("/").map(encodeURIComponent).join("/")
      : encodeURIComponent(value);
  });
  const query = new URLSearchParams(ownQuery);
  for (const [name, value] of Object.entries(sample.query ?? {})) query.append(name, value);
  return query.size > 0 ? `${filled}?${query}` : filled;
}

/** The method of a sample: its own, else that of the plug with its path, else GET. */
export function sampleMethod(project: FunctionProject, sample: Sample): string {
  if (sample.method !== undefined) return sample.method.toUpperCase();
  const { plugs = [] } = project.manifest;
  const plug = sample.path === undefined ? plugs[0] : plugs.find((one) => one.path === sample.path);
  const method = plug?.method?.toUpperCase() ?? "GET";
  return method === "*" ? "GET" : method;
}

/** @throws MocError MOC_MANIFEST, MOC_NOT_FOUND (body file) */
export async function sampleRequest(
  project: FunctionProject,
  sample: Sample,
  file: string,
): Promise<FunctionRequest> {
  const body = await sampleBody(sample, file);
  const type = body?.contentType;
  const typed = Object.keys(sample.headers ?? {}).some((name) => /^content-type$/i.test(name));
  return {
    method: sampleMethod(project, sample),
    path: samplePath(project, sample),
    headers: { ...(type && !typed && { "content-type": type }), ...sample.headers },
    body: body?.bytes,
  };
}

/** Bytes of a sample's body; undefined when it has none. */
export async function sampleBody(
  sample: Sample,
  file: string,
): Promise<{ readonly bytes: Uint8Array; readonly contentType?: string } | undefined> {
  if (sample.body !== undefined) return { bytes: Buffer.from(sample.body) };
  if (sample.bodyJson !== undefined) {
    const bytes = Buffer.from(JSON.stringify(sample.bodyJson));
    return { bytes, contentType: "application/json" };
  }
  if (sample.bodyBase64 !== undefined) return { bytes: Buffer.from(sample.bodyBase64, "base64") };
  if (sample.bodyFile === undefined) return undefined;
  const path = resolve(dirname(file), sample.bodyFile);
  try {
    return { bytes: await readFile(path), contentType: contentTypeOf(path) };
  } catch (error) {
    const message = `${path}, named by bodyFile in ${file}, ${whyUnreadable(error)}.`;
    throw new MocError("MOC_NOT_FOUND", message, { cause: error });
  }
}
