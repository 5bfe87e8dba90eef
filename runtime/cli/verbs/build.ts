import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { buildChecked } from "../../../devkit/build-checked.ts";
import { readProject } from "../../../devkit/manifest.ts";
import { ownFolder } from "../../../devkit/project-folder.ts";
import { checkShaderHere } from "../check-shader-here.ts";
import { printFailure } from "../print-outcome.ts";
import { whileBuilding } from "../progress.ts";
import { defineVerb, JSON_OPTION } from "../verb.ts";

const EXTENSIONS: Readonly<Record<string, string>> = {
  "application/wasm": "wasm",
  "text/javascript": "js",
  "text/wgsl": "wgsl",
  "text/x-glsl-compute": "glsl",
};

export const verb = defineVerb({
  name: "build",
  usage: "[FOLDER]",
  summary: "Build the function in a folder without deploying it.",
  operands: { min: 0, max: 1 },
  options: {
    output: { kind: "value", value: "FILE", doc: "where to write it; default .moc/NAME.wasm" },
    ...JSON_OPTION,
  },
  async run({ operands: [folder = "."], options, terminal }) {
    const project = await readProject(folder);
    const { name } = project.manifest;
    const build = await whileBuilding(terminal, (building) =>
      buildChecked(project, checkShaderHere, building),
    );
    if (!build.ok) {
      if (options.json) terminal.json({ ok: false, diagnostics: build.diagnostics });
      printFailure({ ok: false, name, build }, terminal, "built");
      return 1;
    }
    const { artifact, contentType, durationMs, toolVersion, diagnostics } = build;
    const file = options.output
      ? resolve(options.output)
      : join(await ownFolder(project.folder), `${name}.${EXTENSIONS[contentType] ?? "bin"}`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, artifact);
    const size = artifact.length;
    if (options.json) {
      terminal.json({ ok: true, file, size, contentType, durationMs, toolVersion, diagnostics });
    } else {
      for (const diagnostic of diagnostics) terminal.diagnostic(diagnostic);
      terminal.line(`${file}  ${size} bytes, ${Math.round(durationMs)} ms, ${toolVersion}`);
    }
    return 0;
  },
});
