import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asJson,
  asText,
  fromBase64,
  hexDump,
  imageType,
  parseHex,
  toBase64,
  toBase64Url,
} from "./bytes.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);
const utf8 = (text: string) => new TextEncoder().encode(text);

test("text is UTF-8 without control characters", () => {
  assert.equal(asText(utf8("größer\n\tx")), "größer\n\tx");
  assert.equal(asText(bytes(0xff, 0x41)), undefined);
  assert.equal(asText(bytes(0x41, 0)), undefined);
});

test("JSON is an object or a list; a number alone is text", () => {
  assert.deepEqual(asJson(utf8(' {"a":[1]} ')), { a: [1] });
  assert.equal(asJson(utf8("12")), undefined);
  assert.equal(asJson(utf8("{broken")), undefined);
});

test("pictures are known by their first bytes", () => {
  assert.equal(imageType(bytes(0x89, 0x50, 0x4e, 0x47)), "image/png");
  assert.equal(imageType(bytes(0xff, 0xd8, 0xff, 0xe0)), "image/jpeg");
  assert.equal(imageType(utf8("PNG")), undefined);
});

test("hex is shown and read", () => {
  assert.equal(hexDump(utf8("hi\u0001"), 16), `00000000  ${"68 69 01".padEnd(47)}  hi.`);
  assert.deepEqual(parseHex("68 69\n01"), bytes(0x68, 0x69, 1));
  assert.equal(parseHex("6"), undefined);
  assert.equal(parseHex("zz"), undefined);
});

test("base64 in both alphabets, and of many bytes", () => {
  const many = Uint8Array.from({ length: 100_000 }, (_, index) => index % 256);
  assert.deepEqual(fromBase64(toBase64(many)), many);
  assert.deepEqual(fromBase64("-_8"), bytes(0xfb, 0xff));
  assert.equal(toBase64Url("+/8="), "-_8");
  assert.throws(() => fromBase64("*"));
});
