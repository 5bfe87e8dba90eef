/** Where the code of a module begins, and its custom sections by name. */
export interface WasmSections {
  /** Offset of the content of the code section; undefined: there is no code. */
  readonly codeStart: number | undefined;
  readonly custom: ReadonlyMap<string, Uint8Array>;
}

const CUSTOM = 0;
const EXPORT = 7;
const CODE = 10;
const HEADER = 8;
/** Kind of an export. */
const FUNCTION = 0;

/** @throws RangeError: this is no whole module */
export function wasmSections(bytes: Uint8Array): WasmSections {
  const custom = new Map<string, Uint8Array>();
  let codeStart: number | undefined;
  for (const { id, start, end } of sectionsOf(bytes)) {
    if (id === CODE) codeStart = start;
    if (id !== CUSTOM) continue;
    const [name, contentStart] = nameAt(bytes, start);
    custom.set(name, bytes.subarray(contentStart, end));
  }
  return { codeStart, custom };
}

/**
 * Names of the functions that a module exports.
 * @throws RangeError: this is no whole module
 */
export function exportedFunctions(bytes: Uint8Array): readonly string[] {
  const names: string[] = [];
  for (const { id, start } of sectionsOf(bytes)) {
    if (id !== EXPORT) continue;
    let [count, at] = uleb(bytes, start);
    for (; count > 0; count--) {
      const [name, kindAt] = nameAt(bytes, at);
      if (bytes[kindAt] === FUNCTION) names.push(name);
      [, at] = uleb(bytes, kindAt + 1);
    }
  }
  return names;
}

interface Section {
  readonly id: number | undefined;
  /** Offsets of its content. */
  readonly start: number;
  readonly end: number;
}

function* sectionsOf(bytes: Uint8Array): Generator<Section> {
  for (let at = HEADER; at < bytes.length; ) {
    const id = bytes[at];
    const [length, start] = uleb(bytes, at + 1);
    at = start + length;
    if (at > bytes.length) throw new RangeError("the module ends too early");
    yield { id, start, end: at };
  }
}

/** A name, and offset of what follows. */
function nameAt(bytes: Uint8Array, offset: number): readonly [string, number] {
  const [length, start] = uleb(bytes, offset);
  const end = start + length;
  return [new TextDecoder().decode(bytes.subarray(start, end)), end];
}

/** The module with one more custom section at its end, in place of those of the same name. */
export function withCustomSection(bytes: Uint8Array, name: string, text: string): Uint8Array {
  const kept: Uint8Array[] = [bytes.subarray(0, HEADER)];
  for (let at = HEADER; at < bytes.length; ) {
    const [length, start] = uleb(bytes, at + 1);
    const end = start + length;
    if (bytes[at] !== CUSTOM || nameAt(bytes, start)[0] !== name)
      kept.push(bytes.subarray(at, end));
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
