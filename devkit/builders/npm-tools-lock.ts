/** Compilers that are npm packages: here when this package is a checkout, else fetched on demand. */
const NPM_TOOLS = ["@yowasp/clang", "assemblyscript", "esbuild", "wabt"] as const;
export type NpmTool = (typeof NPM_TOOLS)[number];

/** One entry of a package-lock.json, as far as it matters here. */
interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly optional?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
}

export type LockedPackages = Readonly<Record<string, LockedPackage>>;

/** For each tool the lock file that installs exactly it; made from this package's own lock. */
export function toolLocks(packages: LockedPackages): Readonly<Record<NpmTool, object>> {
  const locks = NPM_TOOLS.map((tool) => [tool, lockOf(tool, packages)] as const);
  return Object.fromEntries(locks) as Record<NpmTool, object>;
}

function lockOf(tool: NpmTool, packages: LockedPackages): object {
  const wanted = new Map<string, LockedPackage>();
  const visit = (name: string): void => {
    const path = `node_modules/${name}`;
    const found = packages[path];
    if (!found?.version || !found.integrity) throw new Error(`${name} is not in the lock file`);
    if (wanted.has(path)) return;
    const { version, integrity, os, cpu, optional, dependencies, optionalDependencies } = found;
    wanted.set(path, {
      version,
      integrity,
      ...(os && { os }),
      ...(cpu && { cpu }),
      ...(optional && { optional }),
      ...(dependencies && { dependencies }),
      ...(optionalDependencies && { optionalDependencies }),
    });
    for (const one of Object.keys({ ...dependencies, ...optionalDependencies })) visit(one);
  };
  visit(tool);
  const version = packages[`node_modules/${tool}`]?.version;
  return {
    name: "my-own-cluster-tool",
    lockfileVersion: 3,
    requires: true,
    packages: {
      "": { name: "my-own-cluster-tool", dependencies: { [tool]: version } },
      ...Object.fromEntries([...wanted].sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
}
