import type { Sample } from "../../devkit/samples.ts";

export interface CurlRequest {
  readonly url: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  /** PEM file to trust. */
  readonly certificateFile?: string | undefined;
}

/** A command line for a POSIX shell that sends the request. */
export function curlCommand(request: CurlRequest): string {
  const parts = ["curl", "--silent", "--show-error", "--include"];
  if (request.certificateFile) parts.push("--cacert", quote(request.certificateFile));
  const method = request.method === "*" ? "GET" : request.method.toUpperCase();
  if (method !== "GET") parts.push("--request", method);
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    parts.push("--header", quote(`${name}: ${value}`));
  }
  if (request.body !== undefined) parts.push("--data-binary", quote(request.body));
  parts.push(quote(request.url));
  return parts.join(" ");
}

/** Path and query of a sample, with its parameters put in; what has no value keeps its name. */
export function samplePath(sample: Sample, pattern: string): string {
  const path = (sample.path ?? pattern).replaceAll(/([!*])([\w-]+)/g, (_, kind, name: string) => {
    const value = sample.pathParams?.[name] ?? name;
    return kind === "*"
      ? value.split("/").map(encodeURIComponent).join("/")
      : encodeURIComponent(value);
  });
  const query = new URLSearchParams(sample.query).toString();
  return query ? `${path}${path.includes("?") ? "&" : "?"}${query}` : path;
}

/** Body of a sample as text, where it has one in itself. */
export function sampleBody(sample: Sample): string | undefined {
  return sample.bodyJson === undefined ? sample.body : JSON.stringify(sample.bodyJson);
}

function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
