import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { FunctionProject } from "../../devkit/manifest.ts";
import { quote, sampleCommand } from "../../devkit/sample-command.ts";
import { readSample } from "../../devkit/samples.ts";
import { MocError } from "../protocol/errors.ts";
import type { InstanceFile } from "../protocol/model.ts";
import type { Terminal } from "./terminal.ts";

/** In a folder of functions: the few sample inputs to begin with, as paths from there. */
const HIGHLIGHTS_FILE = "highlights.json";

/** A short table of pages to open and commands to try, of functions that are live. */
export async function printHighlights(
  { url }: InstanceFile,
  { folder, certificateFile }: { readonly folder: string; readonly certificateFile: string },
  live: readonly FunctionProject[],
  terminal: Terminal,
): Promise<void> {
  const pages = live.flatMap(({ manifest: { name, files = [] } }) =>
    files.slice(0, 1).map(({ path }) => [`  ${url}${path.replace(/\/?$/, "/")}`, name]),
  );
  if (pages.length > 0) {
    terminal.line(terminal.style("bold", "Open in a browser"));
    terminal.table(pages);
  }
  const commands: string[] = [];
  for (const place of await highlights(folder)) {
    const file = join(folder, place);
    const project = live.find((one) => one.folder === dirname(dirname(file)));
    if (project) commands.push(sampleCommand(url, project, (await readSample(file)).sample));
  }
  if (commands.length > 0) {
    terminal.line(terminal.style("bold", "Try in a terminal"));
    terminal.line(`  export CURL_CA_BUNDLE=${quote(certificateFile)}`);
    for (const command of commands) terminal.line(`  ${command}`);
  }
  const readme = join(folder, "README.md");
  const more = existsSync(readme) ? `; ${readme} tells of them` : "";
  terminal.line(`${live.length} functions are live${more}.`);
}

async function highlights(folder: string): Promise<readonly string[]> {
  const file = join(folder, HIGHLIGHTS_FILE);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const places: unknown = JSON.parse(text);
  if (Array.isArray(places) && places.every((one) => typeof one === "string")) return places;
  throw new MocError("MOC_BAD_REQUEST", `${file} must be an array of paths of sample inputs.`);
}
