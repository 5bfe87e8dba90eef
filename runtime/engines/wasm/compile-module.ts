import { MocError } from "../../protocol/errors.ts";
import type { RewrittenModule } from "./rewrite.ts";

/** @throws MOC_GUEST_INVALID, with the compiler's own words */
export async function compileModule(
  name: string,
  rewritten: RewrittenModule,
): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(rewritten.bytes);
  } catch (cause) {
    if (!(cause instanceof WebAssembly.CompileError)) throw cause;
    const reason = cause.message.replace(/^WebAssembly\.compile\(\): /, "");
    throw new MocError(
      "MOC_GUEST_INVALID",
      `${name} is not a valid WebAssembly module: ${reason}; build it again`,
      { cause },
    );
  }
}
