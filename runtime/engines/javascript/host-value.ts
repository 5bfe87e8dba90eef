import type { CallArguments } from "./call-arguments.ts";
import type { Pointer } from "./quickjs-abi.ts";

/** What passes between host and guest: bytes arrive as an ArrayBuffer, json parsed. */
export type HostValue = undefined | boolean | number | string | Uint8Array | Json;

/** Text that the guest receives as what it describes. */
export class Json {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Answers the guest's host function. */
export interface Host {
  /** A promise suspends the guest until it settles. */
  answer(operation: number, args: CallArguments): HostValue | Promise<HostValue>;
}

/** Functions of the prelude that the host calls, as addresses of their values. */
export interface Internals {
  readonly makeError: Pointer;
  readonly describeError: Pointer;
  readonly parseJson: Pointer;
  readonly adopt: Pointer;
  readonly enterScript: Pointer;
  readonly enterModule: Pointer;
  readonly settle: Pointer;
  readonly prepare: Pointer;
}

/** How a guest failed, before anybody knows whose source it was. */
export interface GuestFailure {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** Present when a failed host call was not caught. */
  readonly code?: string;
}

/** Reads a description that the guest made: it may have changed everything that makes them. */
export function parseFailure(json: string): GuestFailure {
  try {
    const { name, message, stack, code } = JSON.parse(json) as Record<string, unknown>;
    return {
      name: String(name),
      message: String(message),
      stack: String(stack),
      ...(typeof code === "string" && { code }),
    };
  } catch {
    return { name: "Error", message: "an error that cannot be described", stack: "" };
  }
}
