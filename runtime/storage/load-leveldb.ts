import type { ClassicLevel } from "classic-level";
import { MocError } from "../protocol/errors.ts";

/**
 * LevelDB itself: machine code, which a package of this project carries for the usual systems only.
 * @throws MOC_PLATFORM when there is none for this one, or it cannot be loaded
 */
export async function loadLevelDb(): Promise<typeof ClassicLevel> {
  try {
    return (await import("classic-level")).ClassicLevel;
  } catch (error) {
    const system = `${process.platform}-${process.arch}`;
    const { message } = error as Error;
    const isMissing = message.startsWith("No native build was found");
    const [reason = ""] = message.split("\n", 1);
    throw new MocError(
      "MOC_PLATFORM",
      isMissing
        ? `The store needs LevelDB (the package classic-level), and there is no build of it for ${system} here. ${remedy()}`
        : `LevelDB (the package classic-level) cannot be loaded on ${system}: ${reason}. ${remedy()}`,
      { cause: error },
    );
  }
}

function remedy(): string {
  const build = `build it where this package lies, with "npm rebuild classic-level --build-from-source" (it needs Python and a C++ compiler)`;
  const { platform, arch } = process;
  const emulates = arch === "arm64" && (platform === "win32" || platform === "darwin");
  return emulates
    ? `Use an x64 edition of Node.js or VS Code, which this system runs, too; or ${build}.`
    : `Install the package for this system, if there is one; or ${build}.`;
}
