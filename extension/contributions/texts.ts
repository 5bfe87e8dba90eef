import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { TOOLS } from "../assistant/tool-declarations.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TEMPLATES = fileURLToPath(new URL("../../templates/", import.meta.url));
interface TemplateTexts {
  readonly title: string;
  readonly description: string;
  readonly variables: readonly { readonly title: string }[];
}

/** A text handed to `l10n.t` or to `say`, as a plain string literal; one with quotes is in single ones. */
const TEXT = /\b(?:l10n\.t|say)\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')/g;

/** What the wizard shows of templates. */
function templateTexts(): string[] {
  return globSync("*/template.json", { cwd: TEMPLATES }).flatMap((file) => {
    const { title, description, variables } = JSON.parse(
      readFileSync(`${TEMPLATES}${file}`, "utf8"),
    ) as TemplateTexts;
    return [title, description, ...variables.map((one) => one.title)];
  });
}

/** All texts of the extension that can be translated, for l10n/bundle.l10n.json. */
export function translatableTexts(): Readonly<Record<string, string>> {
  const texts = new Set<string>();
  for (const file of globSync("**/*.ts", { cwd: ROOT }).sort()) {
    if (file.endsWith(".test.ts") || file.startsWith("contributions")) continue;
    const source = readFileSync(`${ROOT}${file}`, "utf8");
    for (const [, text, quoting = ""] of source.matchAll(TEXT)) {
      texts.add(JSON.parse(`"${text ?? quoting.replaceAll('"', '\\"')}"`));
    }
  }
  // Shown in the editor too, and declared once for it and for assistants.
  for (const { title } of Object.values(TOOLS)) texts.add(title);
  for (const text of templateTexts()) texts.add(text);
  return Object.fromEntries([...texts].sort().map((text) => [text, text]));
}
