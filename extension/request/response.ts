import type { SampleResult } from "../../devkit/sample-run.ts";
import type { ResponseView } from "./messages.ts";

/** A sample's result as the page shows it. */
export function responseOf(result: SampleResult): ResponseView {
  const { report } = result;
  return {
    target: result.target,
    status: result.status,
    headers: result.headers,
    bodyBase64: Buffer.from(result.body).toString("base64"),
    bodyLength: result.body.length,
    durationMs: result.durationMs,
    spans: report?.spans ?? [],
    logs: (result.logs ?? []).map(({ level, text }) => ({ level, text })),
    failures: result.failures,
    ...(result.result !== undefined && { result: result.result }),
    ...(result.callId !== undefined && { callId: result.callId }),
    ...(report && {
      guestMs: report.durationMs,
      queueMs: report.queueMs,
      memoryBytes: report.memoryBytes,
    }),
    ...(report?.error && { error: errorText(report.error) }),
    ...(report?.error?.position && { position: report.error.position }),
  };
}

/** Body as text for a document: JSON indented, binary as a note. */
export function bodyText(response: ResponseView): string {
  const bytes = Buffer.from(response.bodyBase64, "base64");
  const text = bytes.toString("utf8");
  if (!Buffer.from(text, "utf8").equals(bytes)) {
    return bytes.toString("hex").replaceAll(/(.{32})/g, "$1\n");
  }
  try {
    return `${JSON.stringify(JSON.parse(text), null, 2)}\n`;
  } catch {
    // Not JSON: shown as it is.
    return text;
  }
}

function errorText(error: { code: string; message: string; stack?: string }): string {
  return [`${error.code}: ${error.message}`, error.stack].filter(Boolean).join("\n");
}
