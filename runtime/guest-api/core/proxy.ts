import { MocError } from "../../protocol/errors.ts";
import type { Headers } from "../../protocol/host-ops.ts";
import type { CallContext } from "../call-context.ts";
import { OutputBuffer } from "../output-buffer.ts";
import { setHeader } from "../set-header.ts";

interface ProxySpec {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly inputBufferId: number;
  readonly outputBufferId: number;
}

/** `beta_web_proxy`: the input to a url, its answer to the output, streamed both ways. */
export async function proxy(context: CallContext, specJson: string): Promise<number> {
  const spec = parseSpec(specJson);
  if (/^wss?:/.test(spec.url)) await proxyWebSocket(context, spec);
  else await proxyHttp(context, spec);
  return 0;
}

function parseSpec(json: string): ProxySpec {
  let spec: Partial<ProxySpec>;
  try {
    spec = JSON.parse(json);
  } catch (cause) {
    throw new MocError("MOC_BAD_REQUEST", "the proxy specification is not JSON", { cause });
  }
  if (typeof spec.url !== "string" || !/^(https?|wss?):\/\//.test(spec.url)) {
    throw new MocError("MOC_BAD_REQUEST", `url '${spec.url}' is not http(s):// or ws(s)://`);
  }
  return {
    method: (spec.method || "get").toUpperCase(),
    url: spec.url,
    headers: spec.headers ?? {},
    inputBufferId: Number(spec.inputBufferId),
    outputBufferId: Number(spec.outputBufferId),
  };
}

async function proxyHttp(context: CallContext, spec: ProxySpec): Promise<void> {
  const bodyless = spec.method === "GET" || spec.method === "HEAD";
  const answer = await context.host.httpRequest({
    method: spec.method,
    url: spec.url,
    headers: spec.headers,
    ...(!bodyless && { body: context.buffers.get(spec.inputBufferId).toRef() }),
    redirect: false,
  });
  const output = context.buffers.get(spec.outputBufferId);
  for (const [name, value] of Object.entries(answer.headers)) {
    setHeader(context, output.headers, name, value);
  }
  output.status = answer.status;
  if (output instanceof OutputBuffer && output.streams) {
    await output.flush();
    await context.host.streamPipe(answer.stream, "output");
    return;
  }
  for (;;) {
    const part = await context.host.streamRead(answer.stream, 256 * 1024);
    if (!part) return;
    await output.write(part);
  }
}

async function proxyWebSocket(context: CallContext, spec: ProxySpec): Promise<void> {
  const input = context.buffers.get(spec.inputBufferId).toRef();
  const output = context.buffers.get(spec.outputBufferId).toRef();
  if (input.stream === undefined || output.stream === undefined) {
    throw new MocError("MOC_BAD_REQUEST", "a ws(s):// url needs a websocket request to proxy");
  }
  const remote = await context.host.webSocketConnect(spec.url, spec.headers);
  await Promise.all([
    context.host.streamPipe(input.stream, remote),
    context.host.streamPipe(remote, output.stream),
  ]);
}
