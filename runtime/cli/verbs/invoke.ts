import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { findFunctions, noFunctionsIn } from "../../../devkit/find-functions.ts";
import { type FunctionProject, MANIFEST_FILE, readProject } from "../../../devkit/manifest.ts";
import { nearest } from "../../../devkit/nearest.ts";
import { runSample } from "../../../devkit/sample-run.ts";
import { findSample, readSamples, type SampleFile } from "../../../devkit/samples.ts";
import { MocError } from "../../protocol/errors.ts";
import { tellUndeployed } from "../name-there.ts";
import { printResult, resultJson } from "../print-result.ts";
import { withClient } from "../target.ts";
import { defineVerb, JSON_OPTION, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "invoke",
  usage: "[NAME]",
  summary: "Send a sample input of the function in this folder, and show the answer.",
  details: [
    "NAME: name or file of one in samples/; default: the first; none there: the first plug.",
    "In a folder of several functions: the name of one of them, whose first sample is sent.",
    "A status that is not 2xx is an answer too: the exit code is 0.",
  ],
  operands: { min: 0, max: 1 },
  options: {
    ...TARGET_OPTIONS,
    folder: { kind: "value", value: "DIR", doc: "folder of the function; default: here" },
    body: { kind: "flag", doc: "print the body alone" },
    ...JSON_OPTION,
  },
  async run({ operands: [name], options, terminal }) {
    const { project, sample } = await choose(resolve(options.folder ?? "."), name);
    return withClient(options, async (client) => {
      const result = await runSample(client, project, sample, { report: !options.body });
      if (options.json) terminal.json(resultJson(sample.name, result));
      else if (options.body) terminal.bytes(result.body);
      else printResult(result, terminal);
      if (result.status === 404) await tellUndeployed(client, project, terminal);
      return 0;
    });
  },
});

interface Choice {
  readonly project: FunctionProject;
  readonly sample: SampleFile;
}

/** A sample of the function in the folder; without one there, the first of a function below. */
async function choose(folder: string, name: string | undefined): Promise<Choice> {
  if (!existsSync(join(folder, MANIFEST_FILE))) {
    const project = chooseFunction((await findFunctions(folder)).projects, folder, name);
    return { project, sample: chooseSample(await readSamples(project), undefined) };
  }
  const project = await readProject(folder);
  return { project, sample: chooseSample(await readSamples(project), name) };
}

/** @throws MocError MOC_NOT_FOUND naming those that there are */
function chooseFunction(
  projects: readonly FunctionProject[],
  folder: string,
  name: string | undefined,
): FunctionProject {
  const found = projects.find(({ manifest }) => manifest.name === name);
  if (found) return found;
  const names = projects.map(({ manifest }) => manifest.name);
  if (names.length === 0) throw new MocError("MOC_NOT_FOUND", noFunctionsIn(folder));
  const near = name === undefined ? undefined : nearest(name, names);
  const hint = near === undefined ? `there are ${names.join(", ")}.` : `did you mean "${near}"?`;
  const wrong =
    name === undefined
      ? `Name one of the functions in ${folder}`
      : `No function in ${folder} is named "${name}"`;
  throw new MocError("MOC_NOT_FOUND", `${wrong}: ${hint}`);
}

function chooseSample(samples: readonly SampleFile[], name: string | undefined): SampleFile {
  const [first] = samples;
  if (name !== undefined) return findSample(samples, name);
  return first ?? { file: "", name: "request", sample: {}, problems: [] };
}
