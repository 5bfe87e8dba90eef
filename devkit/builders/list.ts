import type { FunctionProject } from "../manifest.ts";
import type { Language } from "../manifest-shape.ts";
import { assemblyscript } from "./assemblyscript.ts";
import type { Builder } from "./builder.ts";
import { c } from "./c.ts";
import { custom } from "./custom.ts";
import { go } from "./go.ts";
import { javascript } from "./javascript.ts";
import { prebuilt } from "./prebuilt.ts";
import { rust } from "./rust.ts";
import { glsl, wgsl } from "./shader.ts";
import { staticSite } from "./static-site.ts";
import { typescript } from "./typescript.ts";
import { wat } from "./wat.ts";

/** The builder of every language. A new one is a file and a line here. */
export const BUILDERS: { readonly [language in Language]: Builder } = {
  javascript,
  typescript,
  c,
  rust,
  go,
  assemblyscript,
  wat,
  wgsl,
  glsl,
  "static-site": staticSite,
  prebuilt,
  custom,
};

/** The builder of a function: its own command where the manifest has one, else the language's. */
export function builderFor({ manifest }: FunctionProject): Builder {
  return manifest.build ? custom : BUILDERS[manifest.language];
}

/** Ends everything that builders keep warm. */
export async function closeBuilders(): Promise<void> {
  await Promise.all(Object.values(BUILDERS).map((builder) => builder.close?.()));
}
