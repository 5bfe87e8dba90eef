/** The request form as data; without imports, since the page needs it too. */

export const REQUEST_KINDS = ["http", "direct", "posix", "cgi"] as const;
export const BODY_KINDS = ["none", "text", "json", "file", "base64"] as const;

/** Ordered names and values; a name may come twice while it is edited. */
export type Pairs = readonly (readonly [name: string, value: string])[];

/** A request as the request editor holds it: everything is text that can be half written. */
export interface RequestForm {
  /** By URL, or without one: with integer arguments, as a program, as a CGI program. */
  readonly kind: (typeof REQUEST_KINDS)[number];
  readonly method: string;
  /** Plug pattern or path. */
  readonly path: string;
  readonly pathParams: Readonly<Record<string, string>>;
  readonly query: Pairs;
  readonly headers: Pairs;
  readonly bodyKind: (typeof BODY_KINDS)[number];
  /** Text, JSON, path of a file relative to the samples folder, or base64. */
  readonly body: string;
  readonly startFunction: string;
  /** Integers, separated by spaces or commas. */
  readonly arguments: string;
  /** One argument a line. */
  readonly posixArguments: string;
}

/** Names of the parameters in a plug pattern. */
export function pathParameters(path: string): string[] {
  return [...path.matchAll(/\/[!*]([A-Za-z_][\w-]*)/g)].map(([, name]) => String(name));
}
