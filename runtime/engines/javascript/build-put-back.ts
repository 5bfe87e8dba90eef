import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** More than the package's types know of. */
const FEATURES: Readonly<Record<string, boolean>> = { multi_memory: true };

/** put-back-module.ts as put-back.wat says it: for `npm run gen`. */
export async function putBackModule(): Promise<{
  readonly path: string;
  readonly content: string;
}> {
  const { default: loadWabt } = await import("wabt");
  const wabt = await loadWabt();
  const text = await readFile(fileURLToPath(new URL("put-back.wat", import.meta.url)), "utf8");
  const module = wabt.parseWat("put-back.wat", text, FEATURES);
  const base64 = Buffer.from(module.toBinary({}).buffer).toString("base64");
  module.destroy();
  return {
    path: "runtime/engines/javascript/put-back-module.ts",
    content: `/** put-back.wat, compiled. Written by \`npm run gen\`. */\nexport const PUT_BACK_WASM =\n  "${base64}";\n`,
  };
}
