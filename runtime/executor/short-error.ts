import type { ErrorJson, MocError } from "../protocol/errors.ts";

const MESSAGE_MAX = 4096;
const STACK_MAX = 16_384;

/** An error to send: guests choose its text, and whoever gets it keeps it. */
export function shortJson(error: MocError): ErrorJson {
  const json = error.toJSON();
  const { message, stack } = json;
  if (message.length <= MESSAGE_MAX && (stack?.length ?? 0) <= STACK_MAX) return json;
  return {
    ...json,
    message: cut(message, MESSAGE_MAX),
    ...(stack !== undefined && { stack: cut(stack, STACK_MAX) }),
  };
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max)}… (${text.length - max} more)`;
}
