import { EsbuildBuilder } from "./esbuild.ts";

export const typescript = new EsbuildBuilder("typescript", [
  "src/index.ts",
  "index.ts",
  "src/main.ts",
  "main.ts",
  "src/index.tsx",
  "index.tsx",
]);
