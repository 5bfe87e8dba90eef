import assert from "node:assert/strict";
import { test } from "node:test";
import { MocError } from "../protocol/errors.ts";
import type { CallMessage, ResultMessage } from "../protocol/executor-messages.ts";
import { PLATFORM_LIMITS } from "../protocol/limits.ts";
import { type EndedCall, Exchanges } from "./exchanges.ts";
import { StreamedOutput } from "./streamed-output.ts";

const BODY_MAX = PLATFORM_LIMITS.exchangeBodyBytes.value;

interface Ended {
  readonly trigger?: EndedCall["start"]["trigger"];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly result?: Partial<ResultMessage>;
  readonly streamed?: StreamedOutput;
}

function ended({ trigger = "http", headers = {}, body, result, streamed }: Ended): EndedCall {
  const message = { headers: JSON.stringify(headers) } as CallMessage;
  return {
    start: { name: "a", startFunction: "", headers, body, trigger },
    message,
    result: result && { kind: "result", call: 1, result: 0, memoryBytes: 0, ...result },
    error: result?.error && MocError.fromJSON(result.error),
    streamed,
  };
}

test("a call's headers and bodies come back, secrets by name only", () => {
  const exchanges = new Exchanges();
  exchanges.add(
    7,
    ended({
      headers: { "x-own": "1", authorization: "Bearer s3cret", cookie: "a=s3cret" },
      body: Buffer.from("asked"),
      result: {
        status: 201,
        headers: { "Set-Cookie": "b=s3cret", "content-type": "text/plain" },
        body: Buffer.from("answered"),
      },
    }),
  );
  const kept = exchanges.get(7);
  assert.deepEqual(kept, {
    request: {
      headers: { "x-own": "1" },
      hidden: ["authorization", "cookie"],
      body_base64: Buffer.from("asked").toString("base64"),
      length: 5,
    },
    response: {
      headers: { "content-type": "text/plain" },
      hidden: ["Set-Cookie"],
      body_base64: Buffer.from("answered").toString("base64"),
      length: 8,
      status: 201,
    },
  });
  assert.doesNotMatch(JSON.stringify(kept), /s3cret/);
  assert.equal(exchanges.get(8), undefined);
});

test("of a long body the first bytes are kept, and its size", () => {
  const exchanges = new Exchanges();
  const long = new Uint8Array(3 * BODY_MAX).fill(65);
  exchanges.add(1, ended({ body: long, result: { body: long } }));
  const kept = exchanges.get(1);
  for (const part of [kept?.request, kept?.response]) {
    assert.equal(Buffer.from(part?.body_base64 ?? "", "base64").length, BODY_MAX);
    assert.equal(part?.length, 3 * BODY_MAX);
  }
  assert.ok(exchanges.bytes < 3 * BODY_MAX);
});

test("of a streamed answer head, first bytes and size are kept", () => {
  const streamed = new StreamedOutput(206, { "content-type": "text/plain" });
  for (let i = 0; i < 5; i++) streamed.add(new Uint8Array(BODY_MAX / 2).fill(65 + i));
  const exchanges = new Exchanges();
  exchanges.add(1, ended({ result: { body: new Uint8Array(10) }, streamed }));
  const response = exchanges.get(1)?.response;
  assert.equal(response?.status, 206);
  assert.equal(response?.length, 2.5 * BODY_MAX + 10);
  const bytes = Buffer.from(response?.body_base64 ?? "", "base64");
  assert.deepEqual([bytes.length, bytes[0], bytes.at(-1)], [BODY_MAX, 65, 66]);
});

test("a failed call has a request only; filters and websockets have nothing", () => {
  const exchanges = new Exchanges();
  const error = { code: "MOC_GUEST_ERROR", message: "no" } as const;
  exchanges.add(1, ended({ body: Buffer.from("why"), result: { error } }));
  exchanges.add(2, ended({}));
  exchanges.add(3, ended({ trigger: "filter", result: {} }));
  exchanges.add(4, ended({ trigger: "websocket", result: {} }));
  assert.deepEqual(Object.keys(exchanges.get(1) ?? {}), ["request"]);
  assert.deepEqual(Object.keys(exchanges.get(2) ?? {}), ["request"]);
  assert.equal(exchanges.get(3), undefined);
  assert.equal(exchanges.get(4), undefined);
});

test("the oldest are forgotten, by number and by bytes", () => {
  const few = new Exchanges(3);
  for (let id = 1; id <= 10; id++) few.add(id, ended({ result: {} }));
  assert.deepEqual(
    [7, 8, 9, 10].map((id) => few.get(id) !== undefined),
    [false, true, true, true],
  );
  const many = new Exchanges();
  const body = new Uint8Array(BODY_MAX);
  const past = PLATFORM_LIMITS.exchangeBytes.value / BODY_MAX;
  for (let id = 1; id <= 1.5 * past; id++) many.add(id, ended({ body, result: {} }));
  assert.ok(many.bytes <= PLATFORM_LIMITS.exchangeBytes.value);
  assert.equal(many.get(1), undefined);
  assert.ok(many.get(1.5 * past));
});
