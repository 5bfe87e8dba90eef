import { MocError } from "../../protocol/errors.ts";
import { PLATFORM_LIMITS } from "../../protocol/limits.ts";
import type { CallMode } from "../../protocol/model.ts";
import type { CallFunctionAnswer } from "../../protocol/rest.ts";
import type { CallRunner } from "../call.ts";
import { asTags } from "../settings.ts";
import { type Arguments, bodyBytes, type Operations } from "./operation.ts";

const MODES: readonly string[] = ["direct", "posix", "cgi"] satisfies CallMode[];
const ARGUMENTS_MAX = 1000;

/** Calls of functions without a plug. The input comes as the body. */
export function callOperations(runner: CallRunner): Operations {
  return {
    callFunction: async (argument, body) => {
      const name = argument.text("name");
      const end = await runner.run({
        name,
        startFunction: argument.optionalString("start_function") ?? "",
        mode: modeOf(argument),
        arguments: argument.integers("arguments") ?? [],
        posixFileName: argument.optionalString("posix_file_name") ?? "",
        posixArguments: argument.strings("posix_arguments") ?? [],
        headers: headersOf(argument),
        body: await bodyBytes(body, PLATFORM_LIMITS.callInputBytes.value),
        timeoutMs: argument.optionalInteger("timeout_ms", 1),
        trigger: "rest",
        target: name,
      });
      const answer: CallFunctionAnswer = {
        status: true,
        result: end.result,
        output: Buffer.from(end.body).toString("base64"),
        ...(end.status !== undefined && { output_status: end.status }),
        output_headers: end.headers,
        call_id: end.id,
      };
      return { json: answer };
    },
  };
}

function modeOf(argument: Arguments): CallMode | undefined {
  const mode = argument.optionalString("mode");
  if (!mode) return undefined;
  if (MODES.includes(mode)) return mode as CallMode;
  throw new MocError("MOC_BAD_REQUEST", `field mode must be one of ${MODES.join(", ")}`);
}

function headersOf(argument: Arguments): Record<string, string> {
  const headers = argument.raw("headers");
  if (headers === undefined || headers === null) return {};
  const entries = Object.entries(asTags(headers, "headers"));
  if (entries.length > ARGUMENTS_MAX) {
    throw new MocError("MOC_TOO_LARGE", `field headers has more than ${ARGUMENTS_MAX} entries`);
  }
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
}
