import assert from "node:assert/strict";
import { test } from "node:test";
import { keyLabel, keyUriParts, parseKeyQuery } from "./key-location.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a key of any bytes survives its address", () => {
  const keys = [bytes("a/b=c&d?e#f"), bytes(""), bytes("☕/é"), Uint8Array.of(0xff, 0, 0x2f)];
  for (const key of keys) {
    const { path, query } = keyUriParts({ key, format: "hex" });
    assert.match(path, /^\/[^/]/);
    const back = parseKeyQuery(query);
    assert.deepEqual(new Uint8Array(back?.key ?? []), new Uint8Array(key));
    assert.equal(back?.format, "hex");
  }
});

test("the tab's name carries the format, once", () => {
  assert.equal(keyUriParts({ key: bytes("users/1"), format: "json" }).path, "/users/1.json");
  assert.equal(keyUriParts({ key: bytes("a.json"), format: "json" }).path, "/a.json");
});

test("foreign queries are refused", () => {
  assert.equal(parseKeyQuery(""), undefined);
  assert.equal(parseKeyQuery("exe=YQ"), undefined);
  assert.equal(parseKeyQuery("json=a/b"), undefined);
});

test("binary keys are listed in hex", () => {
  assert.equal(keyLabel(Uint8Array.of(0xff, 1)), "0xff01");
  assert.equal(keyLabel(bytes("visits")), "visits");
});
