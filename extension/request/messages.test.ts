import assert from "node:assert/strict";
import { test } from "node:test";
import { parseForm, parseFromPage } from "./messages.ts";
import { formOfSample } from "./request-form.ts";

const form = formOfSample({ query: { a: "1" } }, { method: "get", path: "/a/!b" });

test("messages of the page are read", () => {
  assert.deepEqual(parseFromPage({ kind: "send", form }), { kind: "send", form });
  assert.deepEqual(parseFromPage({ kind: "ready", more: 1 }), { kind: "ready" });
  assert.deepEqual(parseFromPage({ kind: "useHistory", id: 3 }), { kind: "useHistory", id: 3 });
});

test("anything else is refused", () => {
  const bad: unknown[] = [
    undefined,
    null,
    "send",
    [],
    {},
    { kind: "exec" },
    { kind: "send" },
    { kind: "send", form: { ...form, kind: "other" } },
    { kind: "send", form: { ...form, query: [["a"]] } },
    { kind: "send", form: { ...form, headers: "x" } },
    { kind: "send", form: { ...form, body: 1 } },
    { kind: "send", form: { ...form, pathParams: { a: 1 } } },
    { kind: "useSample", file: 1 },
    { kind: "useHistory", id: "3" },
  ];
  for (const message of bad) assert.equal(parseFromPage(message), undefined);
});

test("a form is read without what does not belong to it", () => {
  assert.deepEqual(parseForm({ ...form, extra: true }), form);
});
