import type { GuestFunction, GuestModule, Param, ResultType } from "../guest-api/define.ts";
import { type BindingLanguage, functionsOf, indent, origin } from "./binding-language.ts";
import {
  answersNothing,
  countedParam,
  isInfallible,
  isOriginal,
  isTextMap,
  ownership,
} from "./function-shape.ts";
import { rustSupport } from "./rust-support.ts";

/** A module without crates: `raw` imports, `api` over them, and the original's safe functions. */
export const rust: BindingLanguage = {
  id: "rust",
  aliases: ["rs"],
  title: "Rust",
  fileName: (module) => `${module.name}_api_guest.rs`,
  print: (module) =>
    [
      `// ${origin("rust.ts", module)}`,
      "",
      `//! Guest API module \`${module.name}\`. ${module.doc}`,
      "//!",
      "//! ```ignore",
      `//! mod ${module.name}_api_guest;`,
      `//! use ${module.name}_api_guest::api;`,
      "//! ```",
      "//!",
      "//! Three layers: [`raw`] has the imports; [`api`] is what new code uses; the functions at the top",
      "//! are those of the original's bindings, for code that was written for them.",
      "",
      "#![allow(dead_code, non_snake_case, clippy::all)]",
      "",
      ...rawModule(module),
      "",
      ...apiModule(module),
      "",
      "pub use api::MocError;",
      "",
      ...originals(module),
    ].join("\n"),
};

const RAW_PARAMS = {
  int: (name: string) => `${name}: u32`,
  buffer_id: (name: string) => `${name}: u32`,
  string: (name: string) => `${name}_string: *const u8, ${name}_length: u32`,
  bytes: (name: string) => `${name}_bytes: *const u8, ${name}_length: u32`,
  dest: (name: string) => `${name}_bytes: *const u8, ${name}_length: u32`,
  ints: (name: string) => `${name}_int_array: *const u32, ${name}_length: u32`,
  strings: (name: string) => `${name}_string_array: *const u8, ${name}_length: u32`,
  map: (name: string) => `${name}_map: *const u8, ${name}_length: u32`,
} as const;

function rawModule(module: GuestModule): string[] {
  return [
    "/// The imports: (pointer, length) pairs; `0xffff` means failure.",
    "pub mod raw {",
    `    #[link(wasm_import_module = "${module.name}")]`,
    '    extern "C" {',
    ...functionsOf(module).flatMap(([name, fn]) => {
      const params = fn.params.map((param) => RAW_PARAMS[param.type](param.name));
      if (fn.result === "bytes") params.push("result_bytes: *mut u8, result_length: u32");
      return [`        pub fn ${name}(${params.join(", ")}) -> u32;`];
    }),
    "    }",
    "}",
  ];
}

const PARAMS = {
  int: "i32",
  buffer_id: "u32",
  string: "&str",
  bytes: "&[u8]",
  dest: "&mut [u8]",
  ints: "&[i32]",
  strings: "&[&str]",
  map: "&[(&str, &[u8])]",
} as const;

const ARGUMENTS = {
  int: (name: string) => `${name} as u32`,
  buffer_id: (name: string) => name,
  string: (name: string) => `${name}.as_ptr(), ${name}.len() as u32`,
  bytes: (name: string) => `${name}.as_ptr(), ${name}.len() as u32`,
  dest: (name: string) => `${name}.as_mut_ptr(), ${name}.len() as u32`,
  ints: (name: string) => `${name}.as_ptr() as *const u32, ${name}.len() as u32`,
  strings: (name: string) => `${name}.as_ptr(), ${name}.len() as u32`,
  map: (name: string) => `${name}.as_ptr(), ${name}.len() as u32`,
} as const;

function apiModule(module: GuestModule): string[] {
  return [
    "/// Slices, strings, maps and `Result` over the imports. Failures are [`MocError`]s; the function's",
    "/// log says what happened. Result buffers are read and freed here.",
    "pub mod api {",
    ...indent("    ", rustSupport()),
    ...functionsOf(module).flatMap(([name, fn]) => ["", ...indent("    ", apiFunction(name, fn))]),
    "}",
  ];
}

function apiFunction(name: string, fn: GuestFunction): string[] {
  const params = fn.params.map((param) => `${param.name}: ${PARAMS[param.type]}`).join(", ");
  const args = fn.params.map((param) => ARGUMENTS[param.type](param.name)).join(", ");
  return [
    ...docComment(fn),
    `pub fn ${name}(${params}) -> ${apiResult(name, fn)} {`,
    ...indent("    ", [...encodings(fn), ...limitedDest(name, fn), ...body(name, fn, args)]),
    "}",
  ];
}

function docComment(fn: GuestFunction): string[] {
  const owned = ownership(fn);
  return [
    `/// ${fn.doc}`,
    ...(owned ? [`/// ${owned}`] : []),
    ...fn.params
      .filter((param) => param.doc)
      .map((param) => `/// - \`${param.name}\`: ${param.doc}`),
    ...(answersNothing(fn) ? [] : ["///", `/// Returns ${fn.returns}.`]),
  ];
}

function apiResult(name: string, fn: GuestFunction): string {
  if (isInfallible(name)) return "u32";
  if (answersNothing(fn)) return "Result<(), MocError>";
  const types: Record<ResultType, string> = {
    int: "u32",
    buffer_id: "u32",
    bytes: "Vec<u8>",
    buffer: "Vec<u8>",
    string: "String",
    map: isTextMap(name) ? "HashMap<String, String>" : "HashMap<String, Vec<u8>>",
  };
  return `Result<${types[fn.result]}, MocError>`;
}

function encodings(fn: GuestFunction): string[] {
  return fn.params.flatMap((param) => {
    if (param.type === "strings") return [`let ${param.name} = encode_strings(${param.name});`];
    if (param.type === "map") return [`let ${param.name} = encode_map(${param.name});`];
    return [];
  });
}

/** A part may always be shorter than dest: never ask for as many bytes as the failure value. */
function limitedDest(name: string, fn: GuestFunction): string[] {
  const counted = countedParam(name, fn);
  if (counted?.type !== "dest") return [];
  const dest = counted.name;
  return [
    `let most = ${dest}.len().min(FAILURE as usize - 1);`,
    `let ${dest} = &mut ${dest}[..most];`,
  ];
}

function body(name: string, fn: GuestFunction, args: string): string[] {
  const raw = `raw::${name}(${args}`;
  switch (fn.result) {
    case "int":
    case "buffer_id":
      if (isInfallible(name)) return [`unsafe { ${raw}) }`];
      if (answersNothing(fn)) return [`succeeded("${name}", unsafe { ${raw}) }).map(|_| ())`];
      if (countedParam(name, fn)?.type === "bytes") {
        return [
          "// Having written exactly 65535 bytes looks like the failure value.",
          `let written = unsafe { ${raw}) };`,
          `if written as usize == ${countedParam(name, fn)?.name}.len() {`,
          "    return Ok(written);",
          "}",
          `succeeded("${name}", written)`,
        ];
      }
      return [`succeeded("${name}", unsafe { ${raw}) })`];
    case "bytes":
      return [
        `read_sized("${name}", |bytes, length| unsafe {`,
        `    ${raw}${args ? ", " : ""}bytes, length)`,
        "})",
      ];
    case "buffer":
      return [`take("${name}", unsafe { ${raw}) })`];
    case "string":
      return [`text("${name}", take("${name}", unsafe { ${raw}) })?)`];
    case "map": {
      const decode = isTextMap(name) ? "decode_text_map" : "decode_map";
      return [`${decode}("${name}", &take("${name}", unsafe { ${raw}) })?)`];
    }
  }
}

const ORIGINAL_PARAMS = { ...PARAMS, int: "u32", ints: "&[u32]", dest: "&[u8]" } as const;

const ORIGINAL_RESULTS = {
  int: "u32",
  buffer_id: "u32",
  bytes: "Result<Vec<u8>, u32>",
  buffer: "Result<Vec<u8>, u32>",
  string: "Result<String, u32>",
  map: "Result<std::collections::HashMap<String, String>, u32>",
} as const;

/** The safe functions that the original's bindings have, with their signatures. */
function originals(module: GuestModule): string[] {
  return functionsOf(module)
    .filter(([name]) => isOriginal(module, name))
    .flatMap(([name, fn]) => {
      const params = fn.params.map((param) => `${param.name}: ${ORIGINAL_PARAMS[param.type]}`);
      return [
        `/// As in the original's bindings; new code uses [\`api::${name}\`].`,
        `pub fn ${name}(${params.join(", ")}) -> ${ORIGINAL_RESULTS[fn.result]} {`,
        ...indent("    ", originalBody(name, fn)),
        "}",
        "",
      ];
    });
}

function originalBody(name: string, fn: GuestFunction): string[] {
  const dest = fn.params.find((param) => param.type === "dest");
  if (dest) {
    return [
      `unsafe { raw::${name}(${fn.params.map((param) => originalArgument(param)).join(", ")}) }`,
    ];
  }
  const call = `api::${name}(${fn.params.map(toApi).join(", ")})`;
  const lossy = fn.result === "map" && !isTextMap(name) ? ".map(api::lossy)" : "";
  if (fn.result !== "int" && fn.result !== "buffer_id") {
    return [`${call}${lossy}.map_err(|_| api::FAILURE)`];
  }
  if (isInfallible(name)) return [call];
  if (answersNothing(fn)) return [`${call}.map_or(api::FAILURE, |_| 0)`];
  return [`${call}.unwrap_or(api::FAILURE)`];
}

function originalArgument(param: Param): string {
  return param.type === "dest"
    ? `${param.name}.as_ptr(), ${param.name}.len() as u32`
    : ARGUMENTS[param.type](param.name);
}

function toApi(param: Param): string {
  if (param.type === "int") return `${param.name} as i32`;
  if (param.type === "ints") {
    return `&${param.name}.iter().map(|one| *one as i32).collect::<Vec<i32>>()`;
  }
  return param.name;
}
