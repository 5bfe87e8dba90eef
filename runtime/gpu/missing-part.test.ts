import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { missingPart } from "./missing-part.ts";

test("a checkout has the GPU part of its platform", () => {
  assert.equal(missingPart(), undefined);
});

test("an installation without it says which package has it, and blames no driver", () => {
  const platform = `${process.platform}-${process.arch}`;
  for (const resolve of [() => pathToFileURL("/nowhere/webgpu/index.js").href, notFound]) {
    const reason = missingPart(resolve) ?? "";
    assert.match(reason, new RegExp(`no GPU part for ${platform}.*my-own-cluster-${platform}`));
    assert.doesNotMatch(reason, /driver|Vulkan/);
  }
});

test("any other failure to look for it is not taken for its absence", () => {
  const refuse = (): never => {
    throw Object.assign(new Error("no access"), { code: "EACCES" });
  };
  assert.throws(() => missingPart(refuse), /no access/);
});

function notFound(): string {
  return import.meta.resolve("a-package-that-is-not-there");
}
