import { Blob, concat, File } from "./blob.ts";
import { TextDecoder, TextEncoder } from "./encoding.ts";
import { URLSearchParams } from "./url.ts";

type Value = string | File;

/** @see https://xhr.spec.whatwg.org/#interface-formdata */
export class FormData {
  #entries: [string, Value][] = [];

  append(name: unknown, value: unknown, file?: string): void {
    this.#entries.push([String(name), toValue(value, file)]);
  }

  set(name: unknown, value: unknown, file?: string): void {
    const key = String(name);
    const at = this.#entries.findIndex(([one]) => one === key);
    this.#entries = this.#entries.filter(([one], i) => one !== key || i === at);
    if (at < 0) this.append(key, value, file);
    else this.#entries[at] = [key, toValue(value, file)];
  }

  get(name: unknown): Value | null {
    return this.#entries.find(([one]) => one === String(name))?.[1] ?? null;
  }

  getAll(name: unknown): Value[] {
    return this.#entries.filter(([one]) => one === String(name)).map(([, value]) => value);
  }

  has(name: unknown): boolean {
    return this.#entries.some(([one]) => one === String(name));
  }

  delete(name: unknown): void {
    this.#entries = this.#entries.filter(([one]) => one !== String(name));
  }

  forEach(run: (value: Value, name: string, all: FormData) => void, self?: unknown): void {
    for (const [name, value] of this.#entries) run.call(self, value, name, this);
  }

  *entries(): IterableIterator<[string, Value]> {
    yield* this.#entries;
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this.#entries) yield name;
  }

  *values(): IterableIterator<Value> {
    for (const [, value] of this.#entries) yield value;
  }

  [Symbol.iterator](): IterableIterator<[string, Value]> {
    return this.entries();
  }

  get [Symbol.toStringTag](): string {
    return "FormData";
  }
}

function toValue(value: unknown, file: string | undefined): Value {
  if (!(value instanceof Blob)) return String(value);
  if (value instanceof File && file === undefined) return value;
  return new File([value], file ?? "blob", { type: value.type });
}

/** @see https://www.rfc-editor.org/rfc/rfc7578 */
export function encodeForm(form: FormData): { bytes: Uint8Array; type: string } {
  const boundary = `----moc${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;
  const encoder = new TextEncoder();
  const quoted = (text: string) => text.replace(/\r\n?|\n/g, "%0D%0A").replaceAll('"', "%22");
  const parts: Uint8Array[] = [];
  for (const [name, value] of form) {
    let head = `--${boundary}\r\ncontent-disposition: form-data; name="${quoted(name)}"`;
    if (typeof value === "string") {
      parts.push(encoder.encode(`${head}\r\n\r\n${value.replace(/\r\n?|\n/g, "\r\n")}\r\n`));
    } else {
      head += `; filename="${quoted(value.name)}"\r\ncontent-type: ${value.type || "application/octet-stream"}`;
      parts.push(encoder.encode(`${head}\r\n\r\n`), Blob._bytes(value), encoder.encode("\r\n"));
    }
  }
  parts.push(encoder.encode(`--${boundary}--\r\n`));
  return { bytes: concat(parts), type: `multipart/form-data; boundary=${boundary}` };
}

/** @throws TypeError when the bytes are not a form of this content type */
export function decodeForm(bytes: Uint8Array, type: string): FormData {
  const form = new FormData();
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) {
    for (const [name, value] of new URLSearchParams(new TextDecoder().decode(bytes))) {
      form.append(name, value);
    }
    return form;
  }
  const boundary = /^multipart\/form-data\b.*?;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type);
  if (!boundary) throw new TypeError(`a body of type "${type}" is not a form`);
  for (const part of splitParts(bytes, `--${boundary[1] ?? boundary[2]}`)) addPart(form, part);
  return form;
}

/** Bytes as text of one character each, which `indexOf` searches at the speed of C. */
function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

function splitParts(bytes: Uint8Array, delimiter: string): Uint8Array[] {
  const text = latin1(bytes);
  const marker = latin1(new TextEncoder().encode(delimiter));
  const parts: Uint8Array[] = [];
  let from = text.indexOf(marker);
  if (from < 0) throw new TypeError("the form has no part");
  for (;;) {
    from += marker.length;
    if (text.startsWith("--", from)) return parts;
    const end = text.indexOf(`\r\n${marker}`, from);
    if (!text.startsWith("\r\n", from) || end < 0) throw new TypeError("the form is not complete");
    parts.push(bytes.subarray(from + 2, end));
    from = end + 2;
  }
}

function addPart(form: FormData, part: Uint8Array): void {
  const end = latin1(part).indexOf("\r\n\r\n");
  if (end < 0) throw new TypeError("a part of the form has no headers");
  const head = new TextDecoder().decode(part.subarray(0, end));
  const content = part.slice(end + 4);
  const disposition = /^content-disposition:(.*)$/im.exec(head)?.[1] ?? "";
  const name = parameter(disposition, "name");
  if (name === undefined) throw new TypeError("a part of the form has no name");
  const file = parameter(disposition, "filename");
  if (file === undefined) form.append(name, new TextDecoder().decode(content));
  else {
    const type = /^content-type:\s*(.*?)\s*$/im.exec(head)?.[1] ?? "text/plain";
    form.append(name, new File([content], file, { type }));
  }
}

function parameter(disposition: string, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}="([^"]*)"`, "i").exec(disposition)?.[1];
  return found?.replaceAll("%22", '"').replaceAll("%0D%0A", "\r\n");
}
