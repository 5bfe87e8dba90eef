import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePlace, placeHash } from "./sections.ts";

test("a place survives the way into an address and back", () => {
  for (const detail of ["", "hello", "a/b c/", "%2F", "müller#1", "GET /a?b=c"]) {
    const place = { section: "kv", detail } as const;
    assert.deepEqual(parsePlace(placeHash(place)), place);
  }
});

test("what is no section is the overview", () => {
  assert.deepEqual(parsePlace(""), { section: "overview", detail: "" });
  assert.deepEqual(parsePlace("#nowhere/x"), { section: "overview", detail: "" });
  assert.deepEqual(parsePlace("#__proto__"), { section: "overview", detail: "" });
});

test("the former address of a section leads on", () => {
  assert.deepEqual(parsePlace("#routes"), { section: "plugs", detail: "" });
});

test("a detail that is not encoded properly is taken as it is", () => {
  assert.deepEqual(parsePlace("#kv/50%"), { section: "kv", detail: "50%" });
});
