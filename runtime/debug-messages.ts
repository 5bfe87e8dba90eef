/**
 * Shows a WebAssembly script that carries a source map as one without a language. V8 counts its
 * positions as columns of line 0 either way, which is what source maps of WebAssembly are written
 * for; VS Code's debugger follows them only in scripts that it does not take for WebAssembly.
 */
export function withMappedScripts(text: string): string {
  if (!text.includes('"Debugger.scriptParsed"') || !text.includes('"WebAssembly"')) return text;
  const message = JSON.parse(text) as { readonly method?: string; params?: WasmScript };
  if (message.method !== "Debugger.scriptParsed" || !message.params) return text;
  const { scriptLanguage, codeOffset, debugSymbols, ...script } = message.params;
  if (!script.sourceMapURL?.startsWith("data:")) return text;
  return JSON.stringify({ ...message, params: script });
}

/** What of `Debugger.scriptParsed` matters here. */
interface WasmScript {
  readonly scriptLanguage?: string;
  readonly codeOffset?: number;
  readonly debugSymbols?: unknown;
  readonly sourceMapURL?: string;
}
