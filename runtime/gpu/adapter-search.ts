import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";

/** One way to start the GPU host, tried in order until it finds an adapter. */
export interface Attempt {
  /** How the adapter came to be chosen, in a sentence. */
  readonly chosen: string;
  readonly env: NodeJS.ProcessEnv;
  /** Name for Dawn; undefined: its own choice. */
  readonly adapter: string | undefined;
}

/** What Windows draws with where there is no graphics card. */
const WINDOWS_SOFTWARE = "Microsoft Basic Render Driver";

/** Folders where browsers keep SwiftShader, a Vulkan driver that computes on the processor. */
function browserFolders(): string[] {
  const home = homedir();
  return [
    "/usr/lib/chromium",
    "/usr/lib/chromium-browser",
    "/usr/lib64/chromium-browser",
    "/opt/google/chrome",
    "/opt/microsoft/msedge",
    "/opt/brave.com/brave",
    "/usr/share/code",
    ...playwrightFolders(join(home, ".cache", "ms-playwright")),
  ];
}

function playwrightFolders(cache: string): string[] {
  if (!existsSync(cache)) return [];
  return readdirSync(cache).flatMap((name) => [
    join(cache, name, "chrome-linux"),
    join(cache, name, "chrome-linux64"),
  ]);
}

/** SwiftShader's manifest for the Vulkan loader, from an installed browser. */
export function findSoftwareDriver(folders = browserFolders()): string | undefined {
  return folders
    .map((folder) => join(folder, "vk_swiftshader_icd.json"))
    .find((path) => existsSync(path));
}

/**
 * How to look for an adapter under a setting: empty (whatever is best), `software`, or an adapter's
 * name as `moc gpu` lists it.
 */
export function attemptsFor(
  setting: string,
  env: NodeJS.ProcessEnv,
  softwareDriver = findSoftwareDriver(),
  platform = process.platform,
): Attempt[] {
  if (setting === "software" && platform === "win32") {
    const chosen = "Windows' own renderer, because the adapter setting asks for software";
    return [{ env, adapter: WINDOWS_SOFTWARE, chosen }];
  }
  const given = env.VK_DRIVER_FILES ?? env.VK_ICD_FILENAMES;
  const byName = setting !== "" && setting !== "software";
  const adapter = byName ? setting : undefined;
  const because = adapter ? `, because the adapter setting is '${adapter}'` : "";
  const attempts: Attempt[] = [];
  if (setting !== "software") {
    const driver = given ? "the driver that VK_DRIVER_FILES names" : "the system's driver";
    attempts.push({ env, adapter, chosen: `${driver}${because}` });
  }
  // A driver that was named is never replaced, only helped with the loader that lies beside it.
  const software = setting === "software" ? (softwareDriver ?? given) : (given ?? softwareDriver);
  if (software) {
    attempts.push({
      chosen: byName
        ? `the driver of ${dirname(software)}${because}`
        : whySoftware(software, setting, given),
      adapter,
      env: { ...env, VK_DRIVER_FILES: software, ...loaderBeside(software, env) },
    });
  }
  return attempts;
}

function whySoftware(software: string, setting: string, given: string | undefined): string {
  if (software === given) return "the driver that VK_DRIVER_FILES names, with the loader beside it";
  const why =
    setting === "software" ? "the adapter setting asks for it" : "no other adapter was found";
  return `SwiftShader from ${dirname(software)}, because ${why}`;
}

/** Browsers bring the Vulkan loader along, for systems where none is installed. */
function loaderBeside(driver: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const folder = dirname(driver.split(delimiter)[0] ?? "");
  if (!existsSync(join(folder, "libvulkan.so.1"))) return {};
  const before = env.LD_LIBRARY_PATH;
  return { LD_LIBRARY_PATH: before ? `${before}${delimiter}${folder}` : folder };
}
