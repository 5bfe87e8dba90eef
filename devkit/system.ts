import { access, constants, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** Families of systems that install their tools by different commands. */
type SystemKind = "debian" | "fedora" | "arch" | "alpine" | "macos" | "windows" | "other";

/** Commands that install a tool, by system. `other` is for all that are not named. */
type InstallHints = Readonly<Partial<Record<SystemKind, string>>> & {
  readonly other: string;
};

let known: Promise<SystemKind> | undefined;

/** The system that this process runs on. */
function systemKind(): Promise<SystemKind> {
  known ??= detect();
  return known;
}

/** What to type on this system. */
export async function installHint(hints: InstallHints): Promise<string> {
  return hints[await systemKind()] ?? hints.other;
}

/** The PATH with a tool's own folder at its end: what it runs lies beside it more often than not. */
export function pathWith(folder: string, path = process.env.PATH ?? ""): string {
  const folders = path.split(delimiter).filter((one) => one !== "");
  return folders.includes(folder) ? path : [...folders, folder].join(delimiter);
}

/** All executables of a name on the PATH, then in the further folders; in order, without doubles. */
export async function findExecutables(
  name: string,
  furtherFolders: readonly string[] = [],
): Promise<readonly string[]> {
  const extensions = process.platform === "win32" ? [".exe", ".cmd", ".bat"] : [""];
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...furtherFolders];
  const found = new Set<string>();
  for (const folder of folders.filter((one) => one !== "")) {
    for (const extension of extensions) {
      const file = join(folder, name + extension);
      if (await isExecutable(file)) found.add(file);
    }
  }
  return [...found];
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function detect(): Promise<SystemKind> {
  if (process.platform === "darwin") return "macos";
  if (process.platform === "win32") return "windows";
  const text = await readFile("/etc/os-release", "utf8").catch(() => "");
  return kindOfRelease(text);
}

/** @param text - content of os-release(5) */
export function kindOfRelease(text: string): SystemKind {
  const ids = [...text.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap(([, value]) =>
    (value ?? "").split(" "),
  );
  if (ids.some((id) => id === "debian" || id === "ubuntu")) return "debian";
  if (ids.some((id) => ["fedora", "rhel", "centos"].includes(id))) return "fedora";
  if (ids.includes("arch")) return "arch";
  if (ids.includes("alpine")) return "alpine";
  return "other";
}
