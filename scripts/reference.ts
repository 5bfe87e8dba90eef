/** Pages of docs/reference, printed from the tables that the code itself uses. */
import { ERRORS, GUEST_FAILURE } from "../runtime/protocol/errors.ts";
import { FUNCTION_LIMITS, PLATFORM_LIMITS } from "../runtime/protocol/limits.ts";
import { API_ROOT, REST } from "../runtime/protocol/rest.ts";
import type { Field, RestCall } from "../runtime/protocol/rest-vocabulary.ts";

interface Page {
  readonly path: string;
  readonly content: string;
}

export function referencePages(): readonly Page[] {
  return [
    { path: "docs/reference/errors.md", content: errorsPage() },
    { path: "docs/reference/limits.md", content: limitsPage() },
    { path: "docs/reference/rest.md", content: restPage() },
  ];
}

const GENERATED = "<!-- Written by `npm run gen` (scripts/reference.ts). -->";

function errorsPage(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { fault, status, meaning }]) => `| \`${code}\` | ${fault} | ${status} | ${meaning} |`,
  );
  return page("Errors", [
    "Every failure has a stable code. The REST API answers `{status: false, code, message}` with the",
    `http status; a wasm guest gets \`0x${GUEST_FAILURE.toString(16)}\`; a JavaScript guest an exception with \`code\`.`,
    "",
    "| code | whose fault | http status | meaning |",
    "|---|---|---|---|",
    ...rows,
  ]);
}

function limitsPage(): string {
  const own = Object.entries(FUNCTION_LIMITS).map(
    ([name, one]) =>
      `| \`${name}\` | ${one.default} | ${one.ceiling} | ${one.unit} | ${one.meaning} |`,
  );
  const platform = Object.entries(PLATFORM_LIMITS).map(
    ([name, one]) => `| \`${name}\` | ${one.value} | ${one.unit} | ${one.meaning} |`,
  );
  return page("Limits", [
    "`limits` in moc.json sets these for one function, up to the ceiling.",
    "",
    "| limit | default | ceiling | unit | what it bounds |",
    "|---|---|---|---|---|",
    ...own,
    "",
    "The platform's own:",
    "",
    "| limit | value | unit | what it bounds |",
    "|---|---|---|---|",
    ...platform,
  ]);
}

function restPage(): string {
  const calls = Object.entries<RestCall>(REST).flatMap(([name, call]) => [
    `## ${call.method} ${API_ROOT}${call.path}`,
    "",
    `${call.summary} (\`${name}\`, answers ${call.answer})`,
    "",
    ...fields("Query", call.query),
    ...(call.body === "bytes" ? ["Body: raw bytes.", ""] : []),
    ...(typeof call.body === "object" ? fields("JSON body", call.body) : []),
  ]);
  return page("REST API", [
    `The running instance serves the same as OpenAPI at \`${API_ROOT}/openapi.json\`. Admin calls need the`,
    "header `authorization: Bearer TOKEN`; `moc token` prints it.",
    "",
    ...calls,
  ]);
}

function fields(title: string, all: Readonly<Record<string, Field>>): string[] {
  const entries = Object.entries(all);
  if (entries.length === 0) return [];
  return [
    `${title}:`,
    "",
    ...entries.map(
      ([name, one]) => `- \`${name}\` (${one.type}${one.optional ? ", optional" : ""}): ${one.doc}`,
    ),
    "",
  ];
}

function page(title: string, lines: readonly string[]): string {
  return `${[GENERATED, "", `# ${title}`, "", ...lines].join("\n").trimEnd()}\n`;
}
