import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

interface LockedPackage {
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const locked = (
  JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8")) as {
    packages: Readonly<Record<string, LockedPackage>>;
  }
).packages;

/** Where Node would look for `name` from the package at `from`, nearest first. */
function* places(from: string, name: string): Generator<string> {
  for (let at = from; at !== ""; at = at.slice(0, at.lastIndexOf("node_modules/"))) {
    yield `${at.replace(/\/$/, "")}/node_modules/${name}`;
  }
  yield `node_modules/${name}`;
}

test("npm ci installs on every platform: the lock file holds all optional packages too", () => {
  // `npm ci` refuses a lock without the packages of other platforms, with which `npm install` lives.
  const missing = Object.entries(locked).flatMap(([from, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => ![...places(from, name)].some((place) => place in locked))
      .map((name) => `${from} -> ${name}`),
  );
  assert.deepEqual(missing, []);
});

test("the lock file is of this package.json, and pins the content of every package", () => {
  const manifest = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  ) as LockedPackage;
  const root = locked[""];
  assert.deepEqual(root?.dependencies, manifest.dependencies);
  assert.deepEqual(root?.devDependencies, manifest.devDependencies);
  const unpinned = Object.entries(locked).filter(([path, { integrity }]) => path && !integrity);
  assert.deepEqual(unpinned, []);
});
