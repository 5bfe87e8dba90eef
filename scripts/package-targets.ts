/** Which packages of the extension there are, and the native files that each holds. */

/**
 * Platforms with a package of their own, as the editor spells them: those for which each native
 * module has a binary. Elsewhere (Alpine, 32-bit ARM, Windows on ARM) the universal one is installed.
 */
export const TARGETS = [
  "darwin-arm64",
  "darwin-x64",
  "linux-arm64",
  "linux-x64",
  "win32-x64",
] as const;

export type Target = (typeof TARGETS)[number];

export function isTarget(name: string): name is Target {
  return TARGETS.some((target) => target === name);
}

/** Most bytes of a package. */
export const BUDGET_BYTES = { universal: 15 * 1024 * 1024, platform: 60 * 1024 * 1024 } as const;

/** Binaries of classic-level that a target's editor can load; elsewhere C libraries differ. */
const LEVEL: Readonly<Record<Target, string>> = {
  "darwin-arm64": "darwin-x64+arm64/classic-level.node",
  "darwin-x64": "darwin-x64+arm64/classic-level.node",
  "linux-arm64": "linux-arm64/classic-level.armv8.node",
  "linux-x64": "linux-x64/classic-level.node",
  "win32-x64": "win32-x64/classic-level.node",
};

/** Files with native code, below node_modules, of a target's package. */
export function nativeFiles(target: Target): readonly string[] {
  const windows = target === "win32-x64";
  const dawn = `webgpu/dist/${target.startsWith("darwin") ? "darwin-universal" : target}`;
  return [
    `${esbuildPackage(target)}/${windows ? "esbuild.exe" : "bin/esbuild"}`,
    `classic-level/prebuilds/${LEVEL[target]}`,
    ...(windows ? [`${dawn}/d3dcompiler_47.dll`] : []),
    `${dawn}/dawn.node`,
    ...(windows ? [`${dawn}/dxcompiler.dll`] : []),
  ];
}

/** npm's package with esbuild's binary for a target. */
export function esbuildPackage(target: Target): string {
  return `@esbuild/${target}`;
}

/** Whether a file is code for one platform. */
export function isNative(path: string): boolean {
  return /\.(node|exe|dll|so|dylib)$|\/bin\/esbuild$/.test(path);
}
