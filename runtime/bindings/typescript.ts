import {
  camelCase,
  type GuestFunction,
  type GuestModule,
  type Param,
} from "../guest-api/define.ts";
import { type BindingLanguage, functionsOf, origin } from "./binding-language.ts";
import { isLenientLookUp, mayBeAbsent, ownership } from "./function-shape.ts";

const PARAMS = {
  int: "number",
  buffer_id: "number",
  string: "string",
  bytes: "Uint8Array | string",
  dest: "Uint8Array",
  ints: "number[]",
  strings: "string[]",
  map: "{ [key: string]: string | Uint8Array }",
} as const;

const RESULTS = {
  int: "number",
  buffer_id: "number",
  bytes: "Uint8Array<ArrayBuffer>",
  buffer: "Uint8Array<ArrayBuffer>",
  string: "string",
  map: "{ [key: string]: string }",
} as const;

/** Type definitions for JavaScript guests that call `requireApi`. */
export const typescript: BindingLanguage = {
  id: "typescript",
  aliases: ["ts", "javascript", "js"],
  title: "TypeScript and JavaScript",
  fileName: (module) => `${module.name}-api-guest.d.ts`,
  print: (module) =>
    [
      `// ${origin("typescript.ts", module)}`,
      "//",
      `// Types of the guest API module "${module.name}", for JavaScript functions with global start`,
      "// functions. Put this at the beginning of the script:",
      "//",
      `//   /// <reference path="./${module.name}-api-guest.d.ts" />`,
      `//   const ${module.name} = requireApi("${module.name}")`,
      "//",
      "// Calls block until the host has answered. What is not there (a name, a buffer; a token that is not",
      "// valid) answers undefined; other failures are thrown as Error with a code `MOC_…`.",
      "",
      `/** ${module.doc} */`,
      `interface ${interfaceName(module)} {`,
      ...functionsOf(module).flatMap(([name, fn]) =>
        method(name, fn, mayBeAbsent(name) || isLenientLookUp(name)),
      ),
      "}",
      "",
      ...[module.name, ...module.aliases].map(
        (name) => `declare function requireApi(name: "${name}"): ${interfaceName(module)};`,
      ),
      "",
    ].join("\n"),
};

/** Name of a module's interface: `CoreApi`. */
export function interfaceName(module: GuestModule): string {
  return `${module.name.charAt(0).toUpperCase()}${module.name.slice(1)}Api`;
}

/**
 * The method of a function as its interface declares it.
 * @param absent whether it may answer undefined
 * @param wrap put around the result's type
 */
export function method(
  name: string,
  fn: GuestFunction,
  absent: boolean,
  wrap: (type: string) => string = (type) => type,
): string[] {
  const params = fn.params.map((param) => `${paramName(param)}: ${PARAMS[param.type]}`);
  const result = RESULTS[fn.result] + (absent ? " | undefined" : "");
  return [
    ...docComment(fn, absent),
    `  ${camelCase(name)}(${params.join(", ")}): ${wrap(result)};`,
  ];
}

function docComment(fn: GuestFunction, absent: boolean): string[] {
  const owned = ownership(fn)?.replace("free_buffer", "freeBuffer");
  return [
    "  /**",
    `   * ${fn.doc}`,
    ...(owned ? [`   * ${owned}`] : []),
    ...fn.params
      .filter((param) => param.doc)
      .map((param) => `   * @param ${paramName(param)} ${param.doc}`),
    `   * @returns ${fn.returns}${absent ? "; undefined: there is nothing" : ""}`,
    "   */",
  ];
}

/** `arguments` is not allowed as a name in strict code. */
function paramName(param: Param): string {
  return param.name === "arguments" ? "args" : camelCase(param.name);
}
