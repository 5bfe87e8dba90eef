import { readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundledAsset, FROM_SOURCES } from "./assets.ts";
import { PART_SEPARATOR } from "./prelude-parts.ts";

/** File names of the prelude's parts, as they stand in guests' stack traces. */
export const PRELUDE_FILE = "moc:prelude";

interface Prelude {
  /** Evaluated in every guest. */
  readonly main: string;
  /** Evaluated in guests that touch streams. */
  readonly streams: string;
}

let loading: Promise<Prelude> | undefined;

/** The text that is evaluated before a user's script. Read once per process. */
export function loadPrelude(): Promise<Prelude> {
  loading ??= readPrelude().then((text) => {
    const [main = "", streams = ""] = text.split(PART_SEPARATOR);
    return { main, streams };
  });
  return loading;
}

async function readPrelude(): Promise<string> {
  const bundled = bundledAsset("javascript-prelude.js");
  if (bundled) return readFileSync(bundled, "utf8");
  if (!FROM_SOURCES) throw new TypeError("assets/javascript-prelude.js is missing: build again");
  const built = builtFromTheseSources();
  if (built !== undefined) return built;
  const { buildPrelude } = await import("./build-prelude.ts");
  return buildPrelude();
}

/** What `npm run build` left in dist/, unless a source is newer. */
function builtFromTheseSources(): string | undefined {
  const folder = fileURLToPath(new URL("guest/", import.meta.url));
  const path = fileURLToPath(
    new URL("../../../dist/assets/javascript-prelude.js", import.meta.url),
  );
  const built = statSync(path, { throwIfNoEntry: false });
  if (!built) return undefined;
  const newer = readdirSync(folder).some((name) => statSync(folder + name).mtimeMs > built.mtimeMs);
  return newer ? undefined : readFileSync(path, "utf8");
}
