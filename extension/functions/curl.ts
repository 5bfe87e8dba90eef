import { dirname, resolve } from "node:path";
import { contentTypeOf } from "../../devkit/content-type.ts";
import { quote } from "../../devkit/sample-command.ts";
import type { Sample } from "../../devkit/sample-shape.ts";

interface CurlRequest {
  /** Address of the runtime, without a path. */
  readonly baseUrl: string;
  readonly sample: Sample;
  /** Absolute path of the sample's file: what a body file is relative to. */
  readonly sampleFile: string;
  /** Plug that the function has, for what the sample leaves out. */
  readonly plug: { readonly method: string; readonly path: string };
  /** PEM file to trust. */
  readonly certificateFile?: string | undefined;
}

/** A command line for a POSIX shell that sends what the sample says. */
export function curlCommand(request: CurlRequest): string {
  const { sample, plug, certificateFile } = request;
  const parts = ["curl", "--silent", "--show-error", "--include"];
  if (certificateFile) parts.push("--cacert", quote(certificateFile));
  const asked = (sample.method ?? plug.method).toUpperCase();
  const method = asked === "*" ? "GET" : asked;
  if (method === "HEAD") parts.push("--head");
  else if (method !== "GET") parts.push("--request", method);
  const body = bodyOf(request);
  for (const [name, value] of Object.entries({ ...body?.headers, ...sample.headers })) {
    // Without a value curl would leave the header out.
    parts.push("--header", quote(value === "" ? `${name};` : `${name}: ${value}`));
  }
  // curl would call any body a form.
  if (body && !hasContentType({ ...body.headers, ...sample.headers })) {
    parts.push("--header", "content-type:");
  }
  if (body) parts.push("--data-binary", quote(body.data));
  parts.push(quote(request.baseUrl + samplePath(sample, plug.path)));
  return `${body?.before ?? ""}${parts.join(" ")}`;
}

/** Path and query of a sample, with its parameters put in; what has no value keeps its name. */
export function samplePath(sample: Sample, pattern: string): string {
  const path = (sample.path ?? pattern).replaceAll(
    /(?<=\/)([!*])([\w-]+)/g,
    (_, kind, name: string) => {
      const value = sample.pathParams?.[name] ?? name;
      return kind === "*"
        ? value.split("/").map(encodeURIComponent).join("/")
        : encodeURIComponent(value);
    },
  );
  const query = new URLSearchParams(sample.query).toString();
  return query ? `${path}${path.includes("?") ? "&" : "?"}${query}` : path;
}

interface CurlBody {
  /** For `--data-binary`. */
  readonly data: string;
  /** What stands before `curl`, to feed it. */
  readonly before?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function bodyOf({ sample, sampleFile }: CurlRequest): CurlBody | undefined {
  const typed = hasContentType(sample.headers);
  const type = (value: string) => (typed ? {} : { headers: { "content-type": value } });
  if (sample.bodyJson !== undefined) {
    return { data: JSON.stringify(sample.bodyJson), ...type("application/json") };
  }
  if (sample.bodyFile !== undefined) {
    const path = resolve(dirname(sampleFile), sample.bodyFile);
    return { data: `@${path}`, ...type(contentTypeOf(path)) };
  }
  if (sample.bodyBase64 !== undefined) {
    return { data: "@-", before: `printf %s ${quote(sample.bodyBase64)} | base64 --decode | ` };
  }
  if (sample.body === undefined) return undefined;
  // A text that begins with an @ would be read as the name of a file.
  return sample.body.startsWith("@")
    ? { data: "@-", before: `printf %s ${quote(sample.body)} | ` }
    : { data: sample.body };
}

function hasContentType(headers: Readonly<Record<string, string>> = {}): boolean {
  return Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
}
