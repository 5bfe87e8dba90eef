import { MocError } from "../protocol/errors.ts";
import { FUNCTION_LIMITS, PLATFORM_LIMITS } from "../protocol/limits.ts";
import { CAPABILITIES, type FunctionSettings } from "../protocol/model.ts";

type Check = (value: unknown, field: string) => void;

/** One check for each field of FunctionSettings. */
const CHECKS: { readonly [name in keyof Required<FunctionSettings>]: Check } = {
  mode: oneOf("direct", "posix", "cgi"),
  start: text,
  language: text,
  limits: checkLimits,
  capabilities: listOf(oneOf(...CAPABILITIES)),
  state: oneOf("fresh", "shared"),
  env: checkEnv,
  outbound: listOf(text),
  shader: () => undefined,
  sourceFolder: text,
};

/**
 * Checks settings that came from outside.
 * @param field how the request calls them, for messages
 * @throws MOC_BAD_REQUEST naming the field
 */
export function parseSettings(value: unknown, field = "settings"): FunctionSettings {
  if (value === undefined) return {};
  const record = asRecord(value, field);
  for (const [name, one] of Object.entries(record)) {
    if (!Object.hasOwn(CHECKS, name)) fail(`${field}.${name}`, "is not a known setting");
    if (one === undefined) continue;
    CHECKS[name as keyof FunctionSettings](one, `${field}.${name}`);
  }
  if (JSON.stringify(record).length > PLATFORM_LIMITS.settingsBytes.value) {
    fail(field, `are larger than ${PLATFORM_LIMITS.settingsBytes.value} bytes`);
  }
  return record as FunctionSettings;
}

/**
 * @throws MOC_BAD_REQUEST naming the field
 */
export function asRecord(value: unknown, field: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    fail(field, "must be an object");
  }
  return value as Readonly<Record<string, unknown>>;
}

/**
 * @throws MOC_BAD_REQUEST naming the field
 */
export function asTags(value: unknown, field: string): Readonly<Record<string, string>> {
  const record = asRecord(value, field);
  for (const [name, one] of Object.entries(record)) text(one, `${field}.${name}`);
  return record as Readonly<Record<string, string>>;
}

function text(value: unknown, field: string): void {
  if (typeof value !== "string") fail(field, "must be a string");
}

function oneOf(...values: readonly string[]): Check {
  return (value, field) => {
    if (typeof value !== "string" || !values.includes(value)) {
      fail(field, `must be one of ${values.join(", ")}`);
    }
  };
}

function listOf(check: Check): Check {
  return (value, field) => {
    if (!Array.isArray(value)) fail(field, "must be a list");
    (value as unknown[]).forEach((one, index) => {
      check(one, `${field}[${index}]`);
    });
  };
}

function checkLimits(value: unknown, field: string): void {
  for (const [name, one] of Object.entries(asRecord(value, field))) {
    if (!Object.hasOwn(FUNCTION_LIMITS, name)) {
      fail(`${field}.${name}`, `is not one of ${Object.keys(FUNCTION_LIMITS).join(", ")}`);
    }
    if (!Number.isSafeInteger(one) || (one as number) < 1) {
      fail(`${field}.${name}`, "must be a positive whole number");
    }
  }
}

function checkEnv(value: unknown, field: string): void {
  for (const [name, one] of Object.entries(asTags(value, field))) {
    if (name === "" || name.includes("=") || name.includes("\0") || one.includes("\0")) {
      fail(`${field}.${name}`, "is not a possible environment variable");
    }
  }
}

function fail(field: string, problem: string): never {
  throw new MocError("MOC_BAD_REQUEST", `field ${field} ${problem}`);
}
