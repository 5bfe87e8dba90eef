import { readProject } from "../../../devkit/manifest.ts";
import { runSample } from "../../../devkit/sample-run.ts";
import { findSample, readSamples, type SampleFile } from "../../../devkit/samples.ts";
import { tellUndeployed } from "../name-there.ts";
import { printResult, resultJson } from "../print-result.ts";
import { withClient } from "../target.ts";
import { defineVerb, JSON_OPTION, TARGET_OPTIONS } from "../verb.ts";

export const verb = defineVerb({
  name: "invoke",
  usage: "[SAMPLE]",
  summary: "Send a sample input of the function in this folder, and show the answer.",
  details: [
    "SAMPLE: name or file of one in samples/; default: the first; none there: the first plug.",
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
    const project = await readProject(options.folder ?? ".");
    const sample = chooseSample(await readSamples(project), name);
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

function chooseSample(samples: readonly SampleFile[], name: string | undefined): SampleFile {
  const [first] = samples;
  if (name !== undefined) return findSample(samples, name);
  return first ?? { file: "", name: "request", sample: {}, problems: [] };
}
