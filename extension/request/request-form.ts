import type { Sample } from "../../devkit/sample-shape.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { Say } from "../say.ts";
import { type Pairs, pathParameters, type RequestForm } from "./form.ts";

/** The form for a sample; what the sample leaves out comes from the function's first plug. */
export function formOfSample(
  sample: Sample,
  plug: { readonly method: string; readonly path: string } | undefined,
): RequestForm {
  return {
    kind: sample.mode ?? (plug || sample.path ? "http" : "direct"),
    method: (sample.method ?? (plug?.method === "*" ? "get" : plug?.method) ?? "get").toUpperCase(),
    path: sample.path ?? plug?.path ?? "/",
    pathParams: sample.pathParams ?? {},
    query: Object.entries(sample.query ?? {}),
    headers: Object.entries(sample.headers ?? {}),
    ...bodyOf(sample),
    startFunction: sample.startFunction ?? "",
    arguments: (sample.arguments ?? []).join(" "),
    posixArguments: (sample.posixArguments ?? []).join("\n"),
  };
}

/**
 * The sample that a form says.
 * @throws MocError MOC_BAD_REQUEST naming the field that is not valid
 */
export function sampleOfForm(form: RequestForm, say: Say): Sample {
  const body = sampleBodyOf(form, say);
  const headers = named(form.headers, say);
  if (form.kind === "http") {
    const used = pathParameters(form.path);
    const params = used.map((name) => [name, form.pathParams[name] ?? ""] as const);
    const query = named(form.query, say);
    return {
      method: form.method.toLowerCase(),
      path: form.path,
      ...(used.length > 0 && { pathParams: Object.fromEntries(params) }),
      ...(query && { query }),
      ...(headers && { headers }),
      ...body,
    };
  }
  const common = {
    mode: form.kind,
    ...(form.startFunction && { startFunction: form.startFunction }),
    ...(headers && { headers }),
    ...body,
  };
  if (form.kind === "direct") return { ...common, arguments: integers(form.arguments, say) };
  const lines = form.posixArguments.split(/\r?\n/);
  return { ...common, posixArguments: form.posixArguments === "" ? [] : lines };
}

function bodyOf(sample: Sample): Pick<RequestForm, "bodyKind" | "body"> {
  if (sample.bodyJson !== undefined) {
    return { bodyKind: "json", body: JSON.stringify(sample.bodyJson, null, 2) };
  }
  if (sample.bodyFile !== undefined) return { bodyKind: "file", body: sample.bodyFile };
  if (sample.bodyBase64 !== undefined) return { bodyKind: "base64", body: sample.bodyBase64 };
  if (sample.body !== undefined) return { bodyKind: "text", body: sample.body };
  return { bodyKind: "none", body: "" };
}

function sampleBodyOf({ bodyKind, body }: RequestForm, say: Say): Partial<Sample> {
  if (bodyKind === "none") return {};
  if (bodyKind === "text") return { body };
  if (bodyKind === "file") return { bodyFile: body };
  if (bodyKind === "base64") {
    if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(body)) {
      throw new MocError("MOC_BAD_REQUEST", say("The body is no base64."));
    }
    return { bodyBase64: body.replaceAll(/\s/g, "") };
  }
  try {
    return { bodyJson: JSON.parse(body) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MocError("MOC_BAD_REQUEST", say("The body is no valid JSON: {0}", reason), {
      cause: error,
    });
  }
}

/** Pairs as an object; undefined when there are none. Lines without a name are being written. */
function named(pairs: Pairs, say: Say): Readonly<Record<string, string>> | undefined {
  const entries = pairs.filter(([name]) => name.trim() !== "");
  const names = new Set(entries.map(([name]) => name.toLowerCase()));
  if (names.size < entries.length) {
    const twice = entries.find(([name], i) =>
      entries.slice(0, i).some(([other]) => other.toLowerCase() === name.toLowerCase()),
    );
    throw new MocError("MOC_BAD_REQUEST", say('"{0}" is given twice.', twice?.[0] ?? ""));
  }
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function integers(text: string, say: Say): number[] {
  return text
    .split(/[\s,]+/)
    .filter((part) => part !== "")
    .map((part) => {
      const value = Number(part);
      if (!Number.isInteger(value) || Math.abs(value) > 0xffffffff) {
        const message = say('The argument "{0}" is no 32-bit integer.', part);
        throw new MocError("MOC_BAD_REQUEST", message);
      }
      return value;
    });
}
