import { isDeepStrictEqual } from "node:util";
import { isObject } from "../runtime/protocol/is-object.ts";
import type { Expectations } from "./sample-shape.ts";

/** What an answer was like. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  readonly result?: number | undefined;
  readonly durationMs: number;
}

const SHOWN_CHARACTERS = 300;

/** Unmet expectations, one sentence or small diff each; empty: all are met. */
export function checkExpectations(
  expect: Expectations | undefined,
  answer: Answer,
): readonly string[] {
  if (!expect) return [];
  const failures: string[] = [];
  if (expect.status !== undefined && expect.status !== answer.status) {
    failures.push(`status is ${answer.status}, expected ${expect.status}`);
  }
  if (expect.result !== undefined && expect.result !== answer.result) {
    failures.push(`result is ${answer.result}, expected ${expect.result}`);
  }
  failures.push(...headerFailures(expect.headers ?? {}, answer));
  failures.push(...bodyFailures(expect, new TextDecoder().decode(answer.body)));
  if (expect.maxMs !== undefined && answer.durationMs > expect.maxMs) {
    failures.push(`took ${answer.durationMs.toFixed(1)} ms, expected at most ${expect.maxMs} ms`);
  }
  return failures;
}

function headerFailures(expected: NonNullable<Expectations["headers"]>, answer: Answer): string[] {
  return Object.entries(expected).flatMap(([name, wanted]) => {
    const values = answer.headers.filter(([one]) => one.toLowerCase() === name.toLowerCase());
    const joined = values.map(([, value]) => value).join(", ");
    if (values.length === 0) return [`header ${name} is absent, expected ${wanted}`];
    const pattern = /^\/(.*)\/([dgimsuvy]*)$/s.exec(wanted);
    const met = pattern
      ? new RegExp(pattern[1] ?? "", pattern[2]).test(joined)
      : values.some(([, value]) => value === wanted);
    return met ? [] : [`header ${name} is "${joined}", expected ${wanted}`];
  });
}

function bodyFailures(expect: Expectations, body: string): string[] {
  const failures: string[] = [];
  if (expect.body !== undefined && expect.body !== body) {
    failures.push(`body differs:\n${lineDiff(expect.body, body)}`);
  }
  if (expect.matches !== undefined && !new RegExp(expect.matches, "u").test(body)) {
    failures.push(`body does not match /${expect.matches}/: ${shown(body)}`);
  }
  if (expect.json !== undefined) failures.push(...jsonFailures(expect.json, body));
  return failures;
}

function jsonFailures(expected: unknown, body: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return [`body is not JSON: ${shown(body)}`];
  }
  return subsetFailures(expected, value, "body");
}

/** Objects may have more than is expected; lists and plain values must be the same. */
function subsetFailures(expected: unknown, value: unknown, path: string): string[] {
  if (isObject(expected)) {
    if (!isObject(value)) return [`${path} is ${brief(value)}, expected an object`];
    return Object.entries(expected).flatMap(([key, one]) =>
      Object.hasOwn(value, key)
        ? subsetFailures(one, value[key], `${path}.${key}`)
        : [`${path}.${key} is absent, expected ${brief(one)}`],
    );
  }
  if (Array.isArray(expected) && Array.isArray(value) && expected.length === value.length) {
    return expected.flatMap((one, i) => subsetFailures(one, value[i], `${path}[${i}]`));
  }
  if (isDeepStrictEqual(expected, value)) return [];
  return [`${path} is ${brief(value)}, expected ${brief(expected)}`];
}

/** Lines that differ: `-` expected, `+` what came; equal ones at the edges are left out. */
export function lineDiff(expected: string, actual: string): string {
  const [a, b] = [expected.split("\n"), actual.split("\n")];
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  let end = 0;
  const shortest = Math.min(a.length, b.length) - start;
  while (end < shortest && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const lines = [
    ...a.slice(start, a.length - end).map((line) => `- ${shown(line)}`),
    ...b.slice(start, b.length - end).map((line) => `+ ${shown(line)}`),
  ];
  const limit = 20;
  const more = lines.length > limit ? [`… and ${lines.length - limit} lines more`] : [];
  return [...lines.slice(0, limit), ...more].join("\n");
}

function brief(value: unknown): string {
  return shown(JSON.stringify(value) ?? "undefined");
}

function shown(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
