import { MocError } from "../protocol/errors.ts";
import { PLATFORM_LIMITS } from "../protocol/limits.ts";

const { patternLength, patternSegments } = PLATFORM_LIMITS;

type PatternSegment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "param"; readonly name: string }
  | { readonly kind: "rest"; readonly name: string };

/**
 * A plug's path in its segments: `/a/!param/b` binds one segment, `/a/*rest` what remains (also
 * nothing: `/a/` matches `/a/*rest`, `/a` does not). A trailing slash is a segment of its own.
 * Literals are compared with the decoded path: `/caf%C3%A9` and `/café` are the same, and a `%` that
 * escapes nothing is itself, since the original plugs uploaded files under their plain names.
 * `*` without a name is `*rest`.
 * @throws MOC_NAME_INVALID
 */
export function parsePattern(pattern: string): readonly PatternSegment[] {
  if (!pattern.startsWith("/")) fail(pattern, "must start with /");
  if (pattern.length > patternLength.value)
    fail(pattern, `is over ${patternLength.value} characters`);
  if (/[?]|\p{Cc}|\p{Cs}/u.test(pattern)) fail(pattern, "must not hold ? or control codes");
  const parts = pattern.slice(1).split("/");
  if (parts.length > patternSegments.value)
    fail(pattern, `has more than ${patternSegments.value} segments`);
  const seen = new Set<string>();
  return parts.map((part, index) => {
    const segment = parseSegment(part);
    if (segment.kind === "literal") return segment;
    if (segment.name === "") fail(pattern, `has a parameter without a name at '${part}'`);
    if (seen.has(segment.name)) fail(pattern, `binds '${segment.name}' twice`);
    if (segment.kind === "rest" && index < parts.length - 1) {
      fail(pattern, `goes on after '${part}', which takes everything`);
    }
    seen.add(segment.name);
    return segment;
  });
}

/**
 * Segments of a request's path, percent-decoded one by one: a decoded slash stays in its segment.
 * @throws MOC_BAD_REQUEST on bad escapes
 */
export function splitPath(path: string): string[] {
  const parts = path.split("/");
  parts.shift();
  if (!path.includes("%")) return parts;
  return parts.map(decode);
}

/**
 * The pattern without the names of its parameters: two patterns with the same shape match the same
 * paths.
 */
export function patternShape(pattern: string): string {
  const parts = parsePattern(pattern).map((one) => {
    if (one.kind === "literal") return encodeURIComponent(one.text);
    return one.kind === "param" ? "!" : "*";
  });
  return `/${parts.join("/")}`;
}

/** Ascending order in which patterns are tried: literals before parameters before rests. */
export function comparePatterns(
  left: readonly PatternSegment[],
  right: readonly PatternSegment[],
): number {
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = compareSegments(left[i], right[i]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

const RANK = { literal: 0, param: 1, rest: 2 } as const;

function compareSegments(a: PatternSegment | undefined, b: PatternSegment | undefined): number {
  if (!a || !b) return 0;
  if (a.kind !== b.kind) return RANK[a.kind] - RANK[b.kind];
  if (a.kind !== "literal" || b.kind !== "literal" || a.text === b.text) return 0;
  return a.text < b.text ? -1 : 1;
}

function parseSegment(part: string): PatternSegment {
  if (part.startsWith("!")) return { kind: "param", name: part.slice(1) };
  if (part.startsWith("*")) return { kind: "rest", name: part.slice(1) || "rest" };
  if (!part.includes("%")) return { kind: "literal", text: part };
  try {
    return { kind: "literal", text: decodeURIComponent(part) };
  } catch {
    // No escape after all.
    return { kind: "literal", text: part };
  }
}

function decode(part: string): string {
  if (!part.includes("%")) return part;
  try {
    return decodeURIComponent(part);
  } catch (error) {
    throw new MocError("MOC_BAD_REQUEST", `the path has a bad percent escape in '${part}'`, {
      cause: error,
    });
  }
}

function fail(pattern: string, problem: string): never {
  throw new MocError(
    "MOC_NAME_INVALID",
    `path ${JSON.stringify(pattern.slice(0, 100))} ${problem}`,
  );
}
