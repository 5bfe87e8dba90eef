import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Kinds of reasons for which there is no GPU; each has its own remedy. */
type AbsenceCause =
  /** Node did not start. */
  | "node"
  /** The addon of the package `webgpu` cannot be loaded. */
  | "addon"
  /** There are adapters, but none of the wanted name. */
  | "name"
  /** A driver crashed or hung while it was opened. */
  | "driver"
  /** No driver offers an adapter. */
  | "adapter";

/** Why one attempt found no adapter. */
export interface Absence {
  readonly cause: AbsenceCause;
  /** What happened, in a few words. */
  readonly reason: string;
}

/** What of a system decides what to install. */
export interface GpuSystem {
  readonly platform: NodeJS.Platform;
  /** A driver's manifest that the environment names. */
  readonly named: string | undefined;
  readonly isNamedThere: boolean;
  readonly hasLoader: boolean;
  /** Manifests of installed Vulkan drivers. */
  readonly drivers: readonly string[];
}

const LIBRARY_FOLDERS = [
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/usr/lib64",
  "/usr/lib",
  "/usr/local/lib",
  "/run/opengl-driver/lib",
];
/** Where the Vulkan loader looks for drivers (its document LoaderDriverInterface). */
const DRIVER_FOLDERS = [
  "/usr/share/vulkan/icd.d",
  "/usr/local/share/vulkan/icd.d",
  "/etc/vulkan/icd.d",
  "/run/opengl-driver/share/vulkan/icd.d",
  join(homedir(), ".local", "share", "vulkan", "icd.d"),
];

/** Looks at the system that this runs on. */
export function readSystem(env: NodeJS.ProcessEnv): GpuSystem {
  const named = env.VK_DRIVER_FILES ?? env.VK_ICD_FILENAMES;
  return {
    platform: process.platform,
    named,
    isNamedThere: named !== undefined && existsSync(named),
    hasLoader: LIBRARY_FOLDERS.some((folder) => existsSync(join(folder, "libvulkan.so.1"))),
    drivers: DRIVER_FOLDERS.filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder))
      .filter((name) => name.endsWith(".json")),
  };
}

/** What to install or set, for all that went wrong. */
export function adviceFor(absences: readonly Absence[], system: GpuSystem): string {
  const causes = new Set(absences.map((one) => one.cause));
  if (causes.size === 0) causes.add("adapter");
  return [...causes].map((cause) => ADVICE[cause](system)).join("; or ");
}

const ADVICE: Readonly<Record<AbsenceCause, (system: GpuSystem) => string>> = {
  node: () => "see that the program 'node' is installed and can be started",
  addon: ({ platform }) =>
    platform === "linux"
      ? "use a system with glibc 2.34 or newer (Debian 12, Ubuntu 22.04; not Alpine), or install My Own Cluster again if it has one"
      : "update the system, and install My Own Cluster again",
  name: () => "choose one of those with --gpu-adapter, or leave it out for the best there is",
  driver: () =>
    "update that driver, or choose another adapter with --gpu-adapter (software computes on the processor)",
  adapter: (system) => {
    if (system.platform === "darwin") return "use a Mac with Metal; there is nothing to install";
    if (system.platform === "win32") {
      return "install the graphics card's driver from its vendor, or take --gpu-adapter software";
    }
    return `${linuxAdvice(system)}, or the package chromium for computing on the processor`;
  },
};

function linuxAdvice({ named, isNamedThere, hasLoader, drivers }: GpuSystem): string {
  if (named !== undefined && !isNamedThere) {
    return `correct VK_DRIVER_FILES, which names '${named}' that is not there, or unset it; else install a Vulkan driver`;
  }
  const card = "Debian, Ubuntu, Fedora: mesa-vulkan-drivers, or the driver of the card's vendor";
  if (!hasLoader) {
    return `install the Vulkan loader (Debian, Ubuntu: libvulkan1; Fedora: vulkan-loader; Arch: vulkan-icd-loader) and a Vulkan driver (${card})`;
  }
  if (drivers.length === 0) return `install a Vulkan driver (${card})`;
  return `see that this user may open /dev/dri (group render): the Vulkan drivers ${drivers.join(", ")} are installed but offer nothing that can be used, or are too old; update them`;
}
