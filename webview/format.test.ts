import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatBytes,
  formatCount,
  formatLanguage,
  formatMs,
  formatUptime,
  splitLatency,
  splitMs,
} from "./format.ts";

test("sizes have three digits at most before the unit", () => {
  const cases = [0, 1023, 1024, 1536, 200 * 1024, 3.25 * 2 ** 30, 2 ** 50].map(formatBytes);
  assert.deepEqual(cases, [
    "0 B",
    "1023 B",
    "1.0 KiB",
    "1.5 KiB",
    "200 KiB",
    "3.3 GiB",
    "1024 TiB",
  ]);
});

test("durations change their unit where people do", () => {
  assert.deepEqual(splitMs(0), ["0", "ms"]);
  assert.deepEqual([0.118, 1.5, 42.31, 812.4, 65_000].map(formatMs), [
    "118 µs",
    "1.50 ms",
    "42.3 ms",
    "812 ms",
    "65.0 s",
  ]);
});

test("no calls lately have no latency", () => {
  assert.deepEqual(splitLatency(0), ["–", ""]);
  assert.deepEqual(splitLatency(1.5), splitMs(1.5));
});

test("counts and times that something is up", () => {
  assert.deepEqual([9999, 12_345, 2_500_000].map(formatCount), ["9,999", "12.3 k", "2.5 M"]);
  assert.deepEqual([59_000, 3_600_000 * 3 + 720_000, 86_400_000 * 3].map(formatUptime), [
    "59 s",
    "3 h 12 min",
    "3 d 0 h",
  ]);
});

test("languages are written as people write them; unknown ones stay", () => {
  assert.deepEqual(
    ["javascript", "c", "rust", "wgsl", "text/javascript", "cobol"].map(formatLanguage),
    ["JavaScript", "C", "Rust", "WGSL", "JavaScript", "cobol"],
  );
});
