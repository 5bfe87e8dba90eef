import type { GuestFunction, GuestModule, Param, ResultType } from "../guest-api/define.ts";
import { type BindingLanguage, functionsOf, indent, origin } from "./binding-language.ts";
import {
  answersNothing,
  countedParam,
  isInfallible,
  isTextMap,
  ownership,
} from "./function-shape.ts";
import { type GoNeeds, goSupport } from "./go-support.ts";

/** A package of its own for each module; for Go 1.24 and newer (wasip1) and for TinyGo. */
export const go: BindingLanguage = {
  id: "go",
  aliases: ["golang"],
  title: "Go",
  fileName: (module) => `${module.name}.go`,
  print: (module) =>
    [
      `// Code g${origin("go.ts", module).slice(1)}`,
      "",
      "//go:build wasm",
      "",
      `// Package ${module.name} is the guest API module ${module.name}. ${module.doc}`,
      "//",
      "// Failures are errors that wrap ErrFailed; the function's log says what happened. Result buffers are",
      "// read and freed here.",
      `package ${module.name}`,
      "",
      ...goSupport(needsOf(module)),
      ...functionsOf(module).flatMap(([name, fn]) => [
        "",
        ...rawImport(module, name, fn),
        "",
        ...goFunction(name, fn),
      ]),
      "",
    ].join("\n"),
};

function needsOf(module: GuestModule): GoNeeds {
  const functions = functionsOf(module).map(([, fn]) => fn);
  const has = (type: string) => functions.some((fn) => fn.params.some((one) => one.type === type));
  return {
    sized: functions.some((fn) => ["bytes", "buffer", "string", "map"].includes(fn.result)),
    decode: functions.some((fn) => fn.result === "map"),
    encodeMap: has("map"),
    encodeStrings: has("strings"),
  };
}

const RAW_PARAMS = {
  int: (name: string) => `${name} int32`,
  buffer_id: (name: string) => `${name} uint32`,
} as const;

function rawImport(module: GuestModule, name: string, fn: GuestFunction): string[] {
  const params = fn.params.map((param) => {
    const goName = goParam(param);
    return param.type === "int" || param.type === "buffer_id"
      ? RAW_PARAMS[param.type](goName)
      : `${goName} unsafe.Pointer, ${goName}Length uint32`;
  });
  if (fn.result === "bytes") params.push("result unsafe.Pointer, resultLength uint32");
  return [
    `//go:wasmimport ${module.name} ${name}`,
    `func raw${pascalCase(name)}(${params.join(", ")}) uint32`,
  ];
}

const PARAMS = {
  int: "int32",
  buffer_id: "uint32",
  string: "string",
  bytes: "[]byte",
  dest: "[]byte",
  ints: "[]int32",
  strings: "[]string",
  map: "map[string][]byte",
} as const;

const ARGUMENTS = {
  int: (name: string) => name,
  buffer_id: (name: string) => name,
  string: (name: string) => `unsafe.Pointer(unsafe.StringData(${name})), uint32(len(${name}))`,
  bytes: (name: string) => `unsafe.Pointer(unsafe.SliceData(${name})), uint32(len(${name}))`,
  dest: (name: string) => `unsafe.Pointer(unsafe.SliceData(${name})), uint32(len(${name}))`,
  ints: (name: string) => `unsafe.Pointer(unsafe.SliceData(${name})), uint32(len(${name}))`,
  strings: (name: string) =>
    `unsafe.Pointer(unsafe.SliceData(${name}Encoded)), uint32(len(${name}Encoded))`,
  map: (name: string) =>
    `unsafe.Pointer(unsafe.SliceData(${name}Encoded)), uint32(len(${name}Encoded))`,
} as const;

function goFunction(name: string, fn: GuestFunction): string[] {
  const params = fn.params.map((param) => `${goParam(param)} ${PARAMS[param.type]}`).join(", ");
  return [
    ...docComment(name, fn),
    `func ${pascalCase(name)}(${params}) ${goResult(name, fn)} {`,
    ...indent("\t", [...encodings(fn), ...limitedDest(name, fn), ...body(name, fn)]),
    "}",
  ];
}

function docComment(name: string, fn: GuestFunction): string[] {
  const owned = ownership(fn)?.replace("free_buffer", "FreeBuffer");
  const answers = answersNothing(fn) ? [] : [`It returns ${fn.returns}.`];
  return [
    `// ${pascalCase(name)}: ${fn.doc}`,
    ...[...(owned ? [owned] : []), ...answers].map((line) => `// ${line}`),
    ...fn.params
      .filter((param) => param.doc)
      .map((param) => `//   - ${goParam(param)}: ${param.doc}`),
  ];
}

function goResult(name: string, fn: GuestFunction): string {
  if (isInfallible(name)) return "uint32";
  if (answersNothing(fn)) return "error";
  const types: Record<ResultType, string> = {
    int: "uint32",
    buffer_id: "uint32",
    bytes: "[]byte",
    buffer: "[]byte",
    string: "string",
    map: isTextMap(name) ? "map[string]string" : "map[string][]byte",
  };
  return `(${types[fn.result]}, error)`;
}

function encodings(fn: GuestFunction): string[] {
  return fn.params.flatMap((param) => {
    const name = goParam(param);
    if (param.type === "strings") return [`${name}Encoded := encodeStrings(${name})`];
    if (param.type === "map") return [`${name}Encoded := encodeMap(${name})`];
    return [];
  });
}

/** A part may always be shorter than dest: never ask for as many bytes as the failure value. */
function limitedDest(name: string, fn: GuestFunction): string[] {
  const counted = countedParam(name, fn);
  if (counted?.type !== "dest") return [];
  const dest = goParam(counted);
  return [`if len(${dest}) >= failure {`, `\t${dest} = ${dest}[:failure-1]`, "}"];
}

function body(name: string, fn: GuestFunction): string[] {
  const args = fn.params.map((param) => ARGUMENTS[param.type](goParam(param)));
  const raw = `raw${pascalCase(name)}(${args.join(", ")})`;
  const counted = countedParam(name, fn);
  switch (fn.result) {
    case "int":
    case "buffer_id":
      if (isInfallible(name)) return [`return ${raw}`];
      if (answersNothing(fn)) {
        return [`_, err := succeeded("${name}", ${raw})`, "return err"];
      }
      if (counted?.type === "bytes") {
        return [
          `written := ${raw}`,
          "// Having written exactly 65535 bytes looks like the failure value.",
          `if int(written) == len(${goParam(counted)}) {`,
          "\treturn written, nil",
          "}",
          `return succeeded("${name}", written)`,
        ];
      }
      return [`return succeeded("${name}", ${raw})`];
    case "bytes":
      return [
        `return readSized("${name}", func(result unsafe.Pointer, length uint32) uint32 {`,
        `\treturn raw${pascalCase(name)}(${[...args, "result", "length"].join(", ")})`,
        "})",
      ];
    case "buffer":
      return [`return take("${name}", ${raw})`];
    case "string":
      return [`text, err := take("${name}", ${raw})`, "return string(text), err"];
    case "map":
      return [
        `encoded, err := take("${name}", ${raw})`,
        "if err != nil {",
        "\treturn nil, err",
        "}",
        `return decodeMap[${isTextMap(name) ? "string" : "[]byte"}]("${name}", encoded)`,
      ];
  }
}

function pascalCase(name: string): string {
  return name
    .split("_")
    .map((word) => INITIALISMS[word] ?? word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}

/** Words that Go writes in capitals. */
const INITIALISMS: Readonly<Record<string, string>> = {
  id: "ID",
  url: "URL",
  http: "HTTP",
  jwt: "JWT",
};

function goParam(param: Param): string {
  const words = pascalCase(param.name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  const first = /^[A-Z]+(?=[A-Z][a-z]|$)|^[A-Z]/.exec(words)?.[0] ?? "";
  return first.toLowerCase() + words.slice(first.length);
}
