import type { CallReport } from "../runtime/protocol/model.ts";

/** A sample input as it stands in a function's `samples` folder (schemas/sample.schema.json). */
export interface Sample {
  readonly name: string;
  readonly method: string;
  /** Path, or pattern with `!name` and `*rest`. */
  readonly path: string;
  readonly pathParams?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly expect?: { readonly status: number };
}

/** A request line `GET /a?b=c` in its parts; undefined when it is none. */
export function parseTarget(
  target: string,
): { readonly method: string; readonly path: string; readonly query: string } | undefined {
  const found = /^([A-Z]+) (\/[^?]*)\??(.*)$/.exec(target);
  if (!found) return undefined;
  const [, method = "", path = "", query = ""] = found;
  return { method, path, query };
}

/** What is known of a past request: its headers and body are not kept by the runtime. */
export function sampleOfCall(call: CallReport): Sample {
  const { method, path, query } = parseTarget(call.target ?? "") ?? {
    method: "GET",
    path: "/",
    query: "",
  };
  return {
    name: `call ${call.id} of ${call.function}`,
    method,
    path,
    ...(query !== "" && { query: Object.fromEntries(new URLSearchParams(query)) }),
    ...(call.status !== undefined && { expect: { status: call.status } }),
  };
}

/** `call 7 of hello` becomes `call-7-of-hello.http.json`. */
export function sampleFileName({ name }: Sample): string {
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? ["sample"];
  return `${words.join("-")}.http.json`;
}

/** Names of the parameters of a path pattern, in their order. */
export function pathParameters(pattern: string): readonly string[] {
  return pattern
    .split("/")
    .filter((part) => /^[!*]./.test(part))
    .map((part) => part.slice(1));
}

/** The path with its parameters filled in; what is missing stays empty. */
export function fillPath(pattern: string, values: Readonly<Record<string, string>>): string {
  return pattern
    .split("/")
    .map((part) => {
      if (!/^[!*]./.test(part)) return part;
      const value = values[part.slice(1)] ?? "";
      return part.startsWith("*")
        ? value.split("/").map(encodeURIComponent).join("/")
        : encodeURIComponent(value);
    })
    .join("/");
}
