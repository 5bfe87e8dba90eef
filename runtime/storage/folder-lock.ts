import { readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MocError } from "../protocol/errors.ts";
import { makeFolder } from "./make-folder.ts";

/**
 * Locks of this process by real path. LevelDB's own lock is per process and is dropped by a failed
 * second open, so it cannot guard against ourselves. Kept on globalThis: two bundles in one process
 * must see the same one.
 */
const REGISTRY = Symbol.for("my-own-cluster.data-folders");

interface LockFile {
  readonly pid: number;
  /** Tells a process from a later one with the same pid; empty where the system does not say. */
  readonly started: string;
}

/** A held data folder. */
export interface FolderLock {
  readonly folder: string;
  release(): void;
}

/**
 * Makes the folder (which git then ignores) if it must, and takes `FOLDER/lock`. A lock whose process is gone is taken over.
 * @throws MOC_DATA_LOCKED, MOC_DATA_UNUSABLE
 */
export function lockFolder(folder: string): FolderLock {
  const real = usableFolder(folder);
  const held = registry();
  if (held.has(real)) throw lockedBy(process.pid, real);
  const file = join(real, "lock");
  takeFile(file, real);
  held.add(real);
  return {
    folder: real,
    release: () => {
      if (!held.delete(real)) return;
      rmSync(file, { force: true });
    },
  };
}

function registry(): Set<string> {
  const global = globalThis as { [REGISTRY]?: Set<string> };
  global[REGISTRY] ??= new Set();
  return global[REGISTRY];
}

function usableFolder(folder: string): string {
  try {
    const made = makeFolder(folder, 0o700);
    // Often made inside a project: its token and keys must not end in anybody's history.
    if (made !== undefined) writeFileSync(join(folder, ".gitignore"), "*\n");
    return realpathSync(folder);
  } catch (error) {
    throw unusable(folder, error);
  }
}

function takeFile(file: string, folder: string): void {
  const mine: LockFile = { pid: process.pid, started: startOf(process.pid) ?? "" };
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(file, JSON.stringify(mine), { flag: "wx", mode: 0o600 });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw unusable(folder, error);
    }
    const owner = readLock(file);
    if (owner && isAlive(owner)) throw lockedBy(owner.pid, folder);
    removeStale(file);
  }
  throw new MocError(
    "MOC_DATA_LOCKED",
    `data folder ${folder} is being taken by another process; try again`,
  );
}

function readLock(file: string): LockFile | undefined {
  try {
    const lock: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof lock !== "object" || lock === null) return undefined;
    const { pid, started } = lock as Partial<LockFile>;
    if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid <= 0) return undefined;
    return { pid, started: typeof started === "string" ? started : "" };
  } catch {
    // A lock that cannot be read was cut off by a crash: nobody holds it.
    return undefined;
  }
}

/** Moved away first, so that of two processes that find it stale only one removes it. */
function removeStale(file: string): void {
  const aside = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw unusable(file, error);
  }
  rmSync(aside, { force: true });
}

function isAlive(owner: LockFile): boolean {
  // Our own pid without an entry in the registry: an earlier process had the same one.
  if (owner.pid === process.pid) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  const started = startOf(owner.pid);
  return started === undefined || owner.started === "" || started === owner.started;
}

/** Start of a process in clock ticks since boot, where the system tells (Linux). */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The program's name, in parentheses, may hold spaces: count from behind it.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

function lockedBy(pid: number, folder: string): MocError {
  return new MocError(
    "MOC_DATA_LOCKED",
    `data folder ${folder} is in use by the running instance with pid ${pid}; stop it, or choose another folder with --data`,
  );
}

function unusable(folder: string, error: unknown): MocError {
  const reason = error instanceof Error ? error.message : String(error);
  return new MocError(
    "MOC_DATA_UNUSABLE",
    `data folder ${folder} cannot be used: ${reason}; make it writable, or choose another with --data`,
    { cause: error },
  );
}
