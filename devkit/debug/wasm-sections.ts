/** Where the code of a module begins, and its custom sections by name. */
export interface WasmSections {
  /** Offset of the content of the code section; undefined: there is no code. */
  readonly codeStart: number | undefined;
  readonly custom: ReadonlyMap<string, Uint8Array>;
}

const CUSTOM = 0;
const CODE = 10;
const HEADER = 8;

/** @throws RangeError: this is no whole module */
export function wasmSections(bytes: Uint8Array): WasmSections {
  const custom = new Map<string, Uint8Array>();
  let codeStart: number | undefined;
  for (let at = HEADER; at < bytes.length; ) {
    const id = bytes[at];
    const [length, start] = uleb(bytes, at + 1);
    at = start + length;
    if (at > bytes.length) throw new RangeError("the module ends too early");
    if (id === CODE) codeStart = start;
    if (id !== CUSTOM) continue;
    const [nameLength, nameStart] = uleb(bytes, start);
    const contentStart = nameStart + nameLength;
    const name = new TextDecoder().decode(bytes.subarray(nameStart, contentStart));
    custom.set(name, bytes.subarray(contentStart, at));
  }
  return { codeStart, custom };
}

/** The module with one more custom section at its end, in place of those of the same name. */
export function withCustomSection(bytes: Uint8Array, name: string, text: string): Uint8Array {
  const kept: Uint8Array[] = [bytes.subarray(0, HEADER)];
  for (let at = HEADER; at < bytes.length; ) {
    const [length, start] = uleb(bytes, at + 1);
    const end = start + length;
    const [nameLength, nameStart] = bytes[at] === CUSTOM ? uleb(bytes, start) : [0, start];
    const found = new TextDecoder().decode(bytes.subarray(nameStart, nameStart + nameLength));
    if (bytes[at] !== CUSTOM || found !== name) kept.push(bytes.subarray(at, end));
    at = end;
  }
  const content = Buffer.concat([sized(name), sized(text)]);
  return Buffer.concat([...kept, Buffer.of(CUSTOM), encoded(content.length), content]);
}

/** Value, and offset of what follows. */
function uleb(bytes: Uint8Array, offset: number): readonly [number, number] {
  let value = 0;
  for (let at = offset, factor = 1; ; at++, factor *= 128) {
    const byte = bytes[at];
    if (byte === undefined) throw new RangeError("the module ends too early");
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return [value, at + 1];
  }
}

function encoded(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest < 128 ? rest : (rest % 128) | 0x80);
    if (rest < 128) return Uint8Array.from(bytes);
  }
}

function sized(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([encoded(bytes.length), bytes]);
}
