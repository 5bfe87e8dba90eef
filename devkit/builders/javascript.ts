import { EsbuildBuilder } from "./esbuild.ts";

export const javascript = new EsbuildBuilder("javascript", [
  "src/index.js",
  "index.js",
  "src/main.js",
  "main.js",
  "src/index.mjs",
  "index.mjs",
]);
