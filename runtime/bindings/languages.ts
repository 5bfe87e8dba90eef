import { assemblyscript } from "./assemblyscript.ts";
import type { BindingLanguage } from "./binding-language.ts";
import { c } from "./c.ts";
import { cSyms } from "./c-syms.ts";
import { go } from "./go.ts";
import { markdown } from "./markdown.ts";
import { rust } from "./rust.ts";
import { typescript } from "./typescript.ts";

/** All languages of the bindings. A new one is a file and a line here. */
export const LANGUAGES: readonly BindingLanguage[] = [
  typescript,
  c,
  cSyms,
  rust,
  go,
  assemblyscript,
  markdown,
];
