import { MocError } from "../../protocol/errors.ts";
import type { CallContext } from "../call-context.ts";
import { requireCapability } from "../capability.ts";
import { bind } from "../define.ts";
import { OutputBuffer } from "../output-buffer.ts";
import { platform } from "./api.ts";

/**
 * The module `platform` with its host side; the host refuses it to functions without the capability.
 */
export const boundPlatform = bind(platform, {
  async request(context, operation, argument, bodyId) {
    requireCapability(context, "platform");
    const body = bodyId > 0 ? context.buffers.get(bodyId).toRef() : undefined;
    const answer = await context.host.platform(operation, parse(argument), body);
    return JSON.stringify(answer.json ?? null);
  },
  async open(context, operation, argument, outputId) {
    requireCapability(context, "platform");
    const answer = await context.host.platform(operation, parse(argument));
    if (answer.stream === undefined) {
      throw new MocError("MOC_BAD_REQUEST", `operation '${operation}' does not answer with bytes`);
    }
    await copy(context, answer.stream, outputId);
    return 0;
  },
});

async function copy(context: CallContext, stream: number, outputId: number): Promise<void> {
  const output = context.buffers.get(outputId);
  if (output instanceof OutputBuffer && output.streams) {
    await output.flush();
    await context.host.streamPipe(stream, "output");
    return;
  }
  for (;;) {
    const part = await context.host.streamRead(stream, 256 * 1024);
    if (!part) return;
    await output.write(part);
  }
}

function parse(json: string): unknown {
  try {
    return json === "" ? {} : JSON.parse(json);
  } catch (cause) {
    throw new MocError("MOC_BAD_REQUEST", "argument_json is not JSON", { cause });
  }
}
