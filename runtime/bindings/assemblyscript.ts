import {
  camelCase,
  type GuestFunction,
  type GuestModule,
  type Param,
} from "../guest-api/define.ts";
import { assemblyscriptSupport } from "./assemblyscript-support.ts";
import { type BindingLanguage, functionsOf, indent, origin } from "./binding-language.ts";
import { countedParam, isInfallible, isTextMap, ownership } from "./function-shape.ts";

/** One AssemblyScript source file for each module. The language has no exceptions: null is failure. */
export const assemblyscript: BindingLanguage = {
  id: "assemblyscript",
  aliases: ["as", "asc"],
  title: "AssemblyScript",
  fileName: (module) => `${module.name}.ts`,
  print: (module) =>
    [
      `// ${origin("assemblyscript.ts", module)}`,
      "//",
      `// Guest API module "${module.name}". ${module.doc}`,
      "//",
      `//   import * as ${module.name} from "./${module.name}";`,
      "//",
      "// A function that failed answers null, or FAILURE where it answers a number; the function's log",
      "// says why. Result buffers are read and freed here.",
      "",
      ...functionsOf(module).flatMap(([name, fn]) => rawImport(module, name, fn)),
      ...assemblyscriptSupport(module),
      ...functionsOf(module).flatMap(([name, fn]) => ["", ...wrapper(name, fn)]),
      "",
    ].join("\n"),
};

function rawImport(module: GuestModule, name: string, fn: GuestFunction): string[] {
  const params = fn.params.map((param) => {
    const asName = paramName(param);
    return param.type === "int" || param.type === "buffer_id"
      ? `${asName}: i32`
      : `${asName}: usize, ${asName}Length: i32`;
  });
  if (fn.result === "bytes") params.push("result: usize, resultLength: i32");
  return [
    "// @ts-ignore: decorator",
    `@external("${module.name}", "${name}")`,
    `declare function raw_${name}(${params.join(", ")}): i32;`,
  ];
}

const PARAMS = {
  int: "i32",
  buffer_id: "i32",
  string: "string",
  bytes: "Uint8Array",
  dest: "Uint8Array",
  ints: "StaticArray<i32>",
  strings: "string[]",
  map: "Map<string, Uint8Array>",
} as const;

const ARGUMENTS = {
  int: (name: string) => name,
  buffer_id: (name: string) => name,
  string: (name: string) => `changetype<usize>(${name}Bytes), ${name}Bytes.byteLength`,
  bytes: (name: string) => `${name}.dataStart, ${name}.length`,
  dest: (name: string) => `${name}.dataStart, ${name}.length`,
  ints: (name: string) => `changetype<usize>(${name}), ${name}.length`,
  strings: (name: string) => `changetype<usize>(${name}Bytes), ${name}Bytes.byteLength`,
  map: (name: string) => `changetype<usize>(${name}Bytes), ${name}Bytes.byteLength`,
} as const;

const ENCODERS = {
  string: (name: string) => `String.UTF8.encode(${name})`,
  strings: (name: string) => `encodeStrings(${name})`,
  map: (name: string) => `encodeMap(${name})`,
} as const;

function wrapper(name: string, fn: GuestFunction): string[] {
  const params = fn.params.map((param) => `${paramName(param)}: ${PARAMS[param.type]}`).join(", ");
  return [
    ...docComment(name, fn),
    `export function ${camelCase(name)}(${params}): ${resultType(name, fn)} {`,
    ...indent("  ", [...encodings(fn), ...limitedDest(name, fn), ...body(name, fn)]),
    "}",
  ];
}

function docComment(name: string, fn: GuestFunction): string[] {
  const owned = ownership(fn)?.replace("free_buffer", "freeBuffer");
  const nullable = fn.result !== "int" && fn.result !== "buffer_id";
  const failure = isInfallible(name) ? "" : nullable ? "; null: it failed" : "; FAILURE: it failed";
  const counted = countedParam(name, fn);
  const ambiguous =
    counted?.type === "bytes" ? ` (or ${paramName(counted)} has exactly 65535 bytes)` : "";
  return [
    "/**",
    ` * ${fn.doc}`,
    ...(owned ? [` * ${owned}`] : []),
    ...fn.params
      .filter((param) => param.doc)
      .map((param) => ` * @param ${paramName(param)} ${param.doc}`),
    ` * @returns ${fn.returns}${failure}${ambiguous}`,
    " */",
  ];
}

function resultType(name: string, fn: GuestFunction): string {
  switch (fn.result) {
    case "int":
    case "buffer_id":
      return "i32";
    case "bytes":
    case "buffer":
      return "Uint8Array | null";
    case "string":
      return "string | null";
    case "map":
      return isTextMap(name) ? "Map<string, string> | null" : "Map<string, Uint8Array> | null";
  }
}

function encodings(fn: GuestFunction): string[] {
  return fn.params.flatMap((param) => {
    if (param.type !== "string" && param.type !== "strings" && param.type !== "map") return [];
    const name = paramName(param);
    return [`const ${name}Bytes = ${ENCODERS[param.type](name)};`];
  });
}

/** A part may always be shorter than dest: never ask for as many bytes as the failure value. */
function limitedDest(name: string, fn: GuestFunction): string[] {
  const counted = countedParam(name, fn);
  if (counted?.type !== "dest") return [];
  const dest = paramName(counted);
  return [`if (${dest}.length >= FAILURE) ${dest} = ${dest}.subarray(0, FAILURE - 1);`];
}

function body(name: string, fn: GuestFunction): string[] {
  const args = fn.params.map((param) => ARGUMENTS[param.type](paramName(param)));
  const raw = `raw_${name}(${args.join(", ")})`;
  switch (fn.result) {
    case "int":
    case "buffer_id":
      return [`return ${raw};`];
    case "bytes":
      return [
        `const size = raw_${name}(${[...args, "0", "0"].join(", ")});`,
        "const space = sized(size);",
        `const copied = raw_${name}(${[...args, "changetype<usize>(space)", "size"].join(", ")});`,
        "return filled(space, size, copied);",
      ];
    case "buffer":
      return [`return take(${raw});`];
    case "string":
      return [`return takeText(${raw});`];
    case "map":
      return [`return ${isTextMap(name) ? "decodeTextMap" : "decodeMap"}(take(${raw}));`];
  }
}

/** `arguments` is not allowed as a name. */
function paramName(param: Param): string {
  return param.name === "arguments" ? "args" : camelCase(param.name);
}
