import { KNOWN_NAMES, KNOWN_VALUES } from "./known-headers.ts";

type Init = Headers | Iterable<readonly [unknown, unknown]> | Record<string, unknown>;

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Visible characters, space, tab and the upper half of Latin-1, without space at the ends. */
const VALUE = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;
const COOKIE = "set-cookie";

/** @see https://fetch.spec.whatwg.org/#headers-class */
export class Headers {
  readonly #values: Map<string, string>;
  #cookies: string[] | undefined;

  constructor(init?: Init | null) {
    if (init instanceof Headers) {
      this.#values = new Map(init.#values);
      this.#cookies = init.#cookies;
      return;
    }
    this.#values = new Map();
    if (init === undefined || init === null) return;
    if (typeof init !== "object") throw new TypeError("headers are an object or a list of pairs");
    if (Symbol.iterator in init) {
      for (const pair of init) {
        const [name, value] = pair;
        if (pair.length !== 2) throw new TypeError("a header is a pair of name and value");
        this.append(name, value);
      }
    } else {
      for (const name of Object.keys(init)) this.append(name, init[name]);
    }
  }

  /** Headers as the host has them: names are lower-case and checked already. */
  static _trusted(record: Readonly<Record<string, string>>): Headers {
    const headers = new Headers();
    for (const name in record) {
      if (name === COOKIE) headers.#cookies = String(record[name]).split("\n");
      else headers.#values.set(name, String(record[name]));
    }
    return headers;
  }

  /** The host's form: several cookies are joined by line feeds. */
  static _record(headers: Headers): Record<string, string> {
    const record: Record<string, string> = Object.fromEntries(headers.#values);
    if (headers.#cookies) record[COOKIE] = headers.#cookies.join("\n");
    return record;
  }

  append(name: unknown, value: unknown): void {
    const key = nameOf(name);
    const text = toValue(key, value);
    if (key === COOKIE) {
      this.#cookies = [...(this.#cookies ?? []), text];
      return;
    }
    const old = this.#values.get(key);
    this.#values.set(
      key,
      old === undefined ? text : `${old}${key === "cookie" ? "; " : ", "}${text}`,
    );
  }

  set(name: unknown, value: unknown): void {
    const key = nameOf(name);
    const text = toValue(key, value);
    if (key === COOKIE) this.#cookies = [text];
    else this.#values.set(key, text);
  }

  get(name: unknown): string | null {
    const key = nameOf(name);
    if (key === COOKIE) return this.#cookies?.join(", ") ?? null;
    return this.#values.get(key) ?? null;
  }

  has(name: unknown): boolean {
    const key = nameOf(name);
    return key === COOKIE ? this.#cookies !== undefined : this.#values.has(key);
  }

  delete(name: unknown): void {
    const key = nameOf(name);
    if (key === COOKIE) this.#cookies = undefined;
    this.#values.delete(key);
  }

  getSetCookie(): string[] {
    return [...(this.#cookies ?? [])];
  }

  forEach(run: (value: string, name: string, all: Headers) => void, self?: unknown): void {
    for (const [name, value] of this) run.call(self, value, name, this);
  }

  *entries(): IterableIterator<[string, string]> {
    const pairs: [string, string][] = [...this.#values];
    for (const cookie of this.#cookies ?? []) pairs.push([COOKIE, cookie]);
    yield* pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this.entries()) yield name;
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }

  get [Symbol.toStringTag](): string {
    return "Headers";
  }
}

function nameOf(name: unknown): string {
  const known = KNOWN_NAMES.get(name);
  if (known !== undefined) return known;
  const text = String(name);
  if (!NAME.test(text)) throw new TypeError(`"${text}" is not a valid header name`);
  return text.toLowerCase();
}

function toValue(name: string, value: unknown): string {
  if (KNOWN_VALUES.has(value)) return value as string;
  const text = String(value);
  if (VALUE.test(text)) return text;
  const trimmed = text.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
  if (VALUE.test(trimmed)) return trimmed;
  throw new TypeError(`the value of header "${name}" has a character that is not allowed`);
}
