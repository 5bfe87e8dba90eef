import type { CallContext } from "../../guest-api/call-context.ts";
import { OutputBuffer } from "../../guest-api/output-buffer.ts";
import type { CallMode, FunctionSettings } from "../../protocol/model.ts";
import type { CallEntry } from "../engine.ts";
import { callEnvironment } from "./call-environment.ts";
import { LogLines } from "./log-lines.ts";
import { openVirtualPath } from "./virtual-paths.ts";
import { WasiProcess } from "./wasi/process.ts";
import { type Sink, SinkDescriptor, SourceDescriptor } from "./wasi/stream-descriptor.ts";

/** What a call is to a WASI program: its input is stdin, its output stdout, its log stderr. */
export function makeCallProcess(
  context: CallContext,
  entry: CallEntry,
  settings: FunctionSettings,
  stdout: Sink,
): WasiProcess {
  const { buffers, limits } = context;
  const input = buffers.get(context.input);
  return new WasiProcess({
    args: [entry.posixFileName || context.functionName, ...entry.posixArguments],
    environment: () => callEnvironment(settings.env ?? {}, input.headers, context.functionName),
    stdin: new SourceDescriptor({ read: (max) => input.readPart(max) }),
    stdout: new SinkDescriptor(stdout),
    stderr: new SinkDescriptor(logLines(context)),
    fileBytesMax: limits.memoryMiB * 2 ** 20,
    // The host counts the time that a guest computes, and must know when it goes on.
    sleep: (milliseconds) => context.host.sleep(milliseconds),
    openVirtual: (path, write) => openVirtualPath(context, path, write),
  });
}

/** A function that is called with numbers answers by the guest API: what it prints is log. */
export function makeStdout(context: CallContext, mode: CallMode): Sink {
  if (mode === "direct") return logLines(context);
  const output = context.buffers.get(context.output);
  return {
    write: (bytes) => output.write(bytes),
    flush: () => (output instanceof OutputBuffer ? output.flush() : undefined),
  };
}

function logLines(context: CallContext): LogLines {
  return new LogLines("info", (level, text) => context.log(level, text));
}

/** What start-up code sees: no input, and a log. */
export function makeStartUpProcess(
  name: string,
  settings: FunctionSettings,
  options: { readonly log: CallContext["log"]; readonly fileBytesMax: number },
): WasiProcess {
  const environment = Object.entries(settings.env ?? {}).map(([key, value]) => `${key}=${value}`);
  return new WasiProcess({
    args: [name],
    environment: () => environment,
    stdin: new SourceDescriptor({ read: () => undefined }),
    stdout: new SinkDescriptor(new LogLines("info", options.log)),
    stderr: new SinkDescriptor(new LogLines("info", options.log)),
    fileBytesMax: options.fileBytesMax,
  });
}
