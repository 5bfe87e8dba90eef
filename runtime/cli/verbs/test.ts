import { writeFile } from "node:fs/promises";
import type { Client } from "../../../devkit/client.ts";
import { findFunctions, noFunctionsIn } from "../../../devkit/find-functions.ts";
import { type JUnitCase, junitXml } from "../../../devkit/junit.ts";
import type { FunctionProject } from "../../../devkit/manifest.ts";
import { runSample } from "../../../devkit/sample-run.ts";
import { readSamples, type SampleFile } from "../../../devkit/samples.ts";
import { MocError } from "../../protocol/errors.ts";
import { tellUndeployed } from "../name-there.ts";
import { withLiveClient } from "../target.ts";
import type { Terminal } from "../terminal.ts";
import { defineVerb, JSON_OPTION, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "test",
  usage: "[FOLDER]",
  summary: "Send all sample inputs of the functions in a folder and check the answers.",
  details: ["Exit code 1 when an expectation is not met. The functions must be deployed."],
  operands: { min: 0, max: 1 },
  options: {
    ...TARGET_OPTIONS,
    junit: { kind: "value", value: "FILE", doc: "write a JUnit XML report" },
    ...JSON_OPTION,
  },
  async run({ operands: [folder = "."], options, terminal }) {
    const { projects, broken } = await findFunctions(folder);
    const [wrong] = broken;
    if (wrong) throw wrong.error;
    if (projects.length === 0) throw new MocError("MOC_NOT_FOUND", noFunctionsIn(folder));
    const cases = await withLiveClient(options, (client) =>
      runAll(client, projects, { terminal, quiet: options.json }),
    );
    if (options.junit !== undefined) await writeFile(options.junit, junitXml(cases));
    const failed = cases.filter(hasFailed);
    if (options.json)
      terminal.json({ passed: cases.length - failed.length, failed: failed.length, cases });
    else {
      const style = failed.length > 0 ? "red" : "green";
      const summary = `${cases.length - failed.length} passed, ${failed.length} failed`;
      terminal.line(terminal.style(style, summary));
      if (cases.length === 0) terminal.note("There are no samples/*.json to send.");
    }
    return failed.length > 0 ? 1 : 0;
  },
});

async function runAll(
  client: Client,
  projects: readonly FunctionProject[],
  { terminal, quiet }: { readonly terminal: Terminal; readonly quiet: boolean },
): Promise<readonly JUnitCase[]> {
  const cases: JUnitCase[] = [];
  for (const project of projects) {
    const before = cases.length;
    // One after the other: a later sample may read what an earlier one wrote.
    for (const sample of await readSamples(project)) {
      const one = await runCase(client, project, sample);
      cases.push(one);
      if (!quiet) printCase(one, terminal);
    }
    if (cases.slice(before).some(hasFailed)) await tellUndeployed(client, project, terminal);
  }
  return cases;
}

function hasFailed({ failure, error }: JUnitCase): boolean {
  return failure !== undefined || error !== undefined;
}

async function runCase(
  client: Client,
  project: FunctionProject,
  sample: SampleFile,
): Promise<JUnitCase> {
  const { name: suite } = project.manifest;
  const { name } = sample;
  try {
    const { failures, durationMs } = await runSample(client, project, sample);
    const failure = failures.length > 0 ? { failure: failures.join("\n") } : {};
    return { suite, name, durationMs, ...failure };
  } catch (error) {
    const known = MocError.from(error);
    if (known.code === "MOC_UNREACHABLE" || known.code === "MOC_UNAUTHORIZED") throw known;
    return { suite, name, durationMs: 0, error: `${known.message} [${known.code}]` };
  }
}

function printCase(one: JUnitCase, terminal: Terminal): void {
  const text = one.error ?? one.failure;
  const mark = text === undefined ? terminal.style("green", "ok") : terminal.style("red", "FAILED");
  const time = terminal.style("dim", `${one.durationMs.toFixed(1)} ms`);
  terminal.line(`${mark}  ${one.suite}: ${one.name}  ${time}`);
  for (const line of text?.split("\n") ?? []) terminal.line(`    ${line}`);
}
