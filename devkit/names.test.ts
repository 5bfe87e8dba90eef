import assert from "node:assert/strict";
import { test } from "node:test";
import { validateMethod, validateName, validatePlugPath } from "./names.ts";

test("validateName takes letters, digits, dots, dashes and underscores", () => {
  for (const name of ["hello", "2-try.rust", "a", "A_b-c.d", "x".repeat(256)]) {
    assert.equal(validateName(name), undefined, name);
  }
});

test("validateName refuses what paths, shells or URLs could misread", () => {
  const hostile = ["", ".", "..", "a/b", "a\\b", "a b", "-rf", "$(id)", "a;b", "ü", "a..b", "a\n"];
  for (const name of [...hostile, "core-api", "dashboard", "techID://x", "x".repeat(257)]) {
    assert.equal(typeof validateName(name), "string", JSON.stringify(name));
  }
});

test("validatePlugPath takes patterns and refuses the platform's own paths", () => {
  for (const path of ["/", "/a/!id/b", "/a/*rest", "/a/", "/%21literal", "/my-own-clusters"]) {
    assert.equal(validatePlugPath(path), undefined, path);
  }
  const wrong = {
    a: "start",
    "": "start",
    "/a?b": '"?"',
    "/a b": "space",
    "/a//b": '"//"',
    "/a/../b": '".."',
    "/!": "name must follow",
    "/*rest/b": "before its end",
    "/!a/!a": "twice",
    "/my-own-cluster": "belongs",
    "/my-own-cluster/api": "belongs",
  };
  for (const [path, words] of Object.entries(wrong)) {
    assert.match(validatePlugPath(path) ?? "", new RegExp(words.replaceAll("?", "\\?")), path);
  }
});

test("validateMethod", () => {
  assert.equal(validateMethod("PATCH"), undefined);
  assert.equal(validateMethod("*"), undefined);
  assert.match(validateMethod("get post") ?? "", /no http method/);
});
