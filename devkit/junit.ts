/** One test case of a report. */
export interface JUnitCase {
  /** Name of the function. */
  readonly suite: string;
  readonly name: string;
  readonly durationMs: number;
  /** Absent: passed. */
  readonly failure?: string;
  /** The case could not be run. */
  readonly error?: string;
}

/** A report in the XML that CI systems read (the Jenkins/Maven form of JUnit). */
export function junitXml(cases: readonly JUnitCase[]): string {
  const suites = Map.groupBy(cases, (one) => one.suite);
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites ${counts(cases)}>`];
  for (const [suite, own] of suites) {
    lines.push(`  <testsuite name="${escaped(suite)}" ${counts(own)}>`);
    for (const one of own) lines.push(...caseLines(one));
    lines.push("  </testsuite>");
  }
  return `${[...lines, "</testsuites>"].join("\n")}\n`;
}

function caseLines({ suite, name, durationMs, failure, error }: JUnitCase): string[] {
  const head = `    <testcase classname="${escaped(suite)}" name="${escaped(name)}" time="${seconds(durationMs)}"`;
  const [kind, text] = error !== undefined ? ["error", error] : ["failure", failure];
  if (text === undefined) return [`${head}/>`];
  const [first = ""] = text.split("\n");
  const inner = `      <${kind} message="${escaped(first)}">${escaped(text)}</${kind}>`;
  return [`${head}>`, inner, "    </testcase>"];
}

function counts(cases: readonly JUnitCase[]): string {
  const failures = cases.filter((one) => one.failure !== undefined && one.error === undefined);
  const errors = cases.filter((one) => one.error !== undefined);
  const time = cases.reduce((sum, one) => sum + one.durationMs, 0);
  return `tests="${cases.length}" failures="${failures.length}" errors="${errors.length}" time="${seconds(time)}"`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** Control characters and half surrogates cannot stand in XML at all. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\P{Cc}\t\n\r]/gu, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
