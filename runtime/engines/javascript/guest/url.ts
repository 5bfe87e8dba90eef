import { host } from "./host.ts";
import { OP } from "./ops.ts";

interface Parts {
  readonly href: string;
  readonly origin: string;
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
}

type Pair = [string, string];
type Init = string | Iterable<readonly [unknown, unknown]> | Record<string, unknown> | undefined;

/** @see https://url.spec.whatwg.org/#interface-urlsearchparams */
export class URLSearchParams {
  #pairs: Pair[];
  #changed: (() => void) | undefined;

  constructor(init?: Init) {
    this.#pairs = pairsOf(init);
  }

  /** Lets a URL know of changes. Not for user code. */
  static _of(search: string, changed: () => void): URLSearchParams {
    const params = new URLSearchParams(search);
    params.#changed = changed;
    return params;
  }

  get size(): number {
    return this.#pairs.length;
  }

  append(name: unknown, value: unknown): void {
    this.#pairs.push([String(name), String(value)]);
    this.#changed?.();
  }

  delete(name: unknown, value?: unknown): void {
    const wanted = String(name);
    this.#pairs = this.#pairs.filter(
      ([key, one]) => key !== wanted || (value !== undefined && one !== String(value)),
    );
    this.#changed?.();
  }

  get(name: unknown): string | null {
    return this.#pairs.find(([key]) => key === String(name))?.[1] ?? null;
  }

  getAll(name: unknown): string[] {
    return this.#pairs.filter(([key]) => key === String(name)).map(([, value]) => value);
  }

  has(name: unknown, value?: unknown): boolean {
    return this.#pairs.some(
      ([key, one]) => key === String(name) && (value === undefined || one === String(value)),
    );
  }

  set(name: unknown, value: unknown): void {
    const wanted = String(name);
    const at = this.#pairs.findIndex(([key]) => key === wanted);
    if (at < 0) this.#pairs.push([wanted, String(value)]);
    else {
      this.#pairs = this.#pairs.filter(([key], i) => i <= at || key !== wanted);
      this.#pairs[at] = [wanted, String(value)];
    }
    this.#changed?.();
  }

  sort(): void {
    this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    this.#changed?.();
  }

  forEach(run: (value: string, name: string, all: URLSearchParams) => void, self?: unknown): void {
    for (const [name, value] of this.#pairs) run.call(self, value, name, this);
  }

  *entries(): IterableIterator<Pair> {
    for (const [name, value] of this.#pairs) yield [name, value];
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this.#pairs) yield name;
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this.#pairs) yield value;
  }

  [Symbol.iterator](): IterableIterator<Pair> {
    return this.entries();
  }

  toString(): string {
    return host(OP.FORM_ENCODE, JSON.stringify(this.#pairs)) as string;
  }

  get [Symbol.toStringTag](): string {
    return "URLSearchParams";
  }
}

function pairsOf(init: Init): Pair[] {
  if (init === undefined || init === null) return [];
  if (typeof init === "object" && Symbol.iterator in init) {
    return Array.from(init as Iterable<readonly [unknown, unknown]>, (pair) => {
      const [name, value, ...rest] = pair;
      if (rest.length > 0 || value === undefined) throw new TypeError("expected pairs");
      return [String(name), String(value)];
    });
  }
  if (typeof init === "object") {
    return Object.entries(init).map(([name, value]) => [name, String(value)]);
  }
  const text = String(init);
  return host(OP.FORM_DECODE, text.startsWith("?") ? text.slice(1) : text) as Pair[];
}

/** The host's parser (WHATWG, IDNA included) behind the standard's object. */
export class URL {
  #parts: Parts;
  #params: URLSearchParams | undefined;

  constructor(url: unknown, base?: unknown) {
    this.#parts = parse(url, base);
  }

  static canParse(url: unknown, base?: unknown): boolean {
    return URL.parse(url, base) !== null;
  }

  static parse(url: unknown, base?: unknown): URL | null {
    try {
      return new URL(url, base);
    } catch {
      return null;
    }
  }

  get searchParams(): URLSearchParams {
    this.#params ??= URLSearchParams._of(this.#parts.search, () => {
      this.#parts = host(OP.URL_SET, this.#parts.href, "search", String(this.#params)) as Parts;
    });
    return this.#params;
  }

  get origin(): string {
    return this.#parts.origin;
  }

  get href(): string {
    return this.#parts.href;
  }

  set href(value: unknown) {
    this.#parts = parse(value);
    this.#params = undefined;
  }

  toString(): string {
    return this.#parts.href;
  }

  toJSON(): string {
    return this.#parts.href;
  }

  get [Symbol.toStringTag](): string {
    return "URL";
  }

  /** Getter and setter of one part. */
  static _part(name: keyof Parts): PropertyDescriptor {
    return {
      configurable: true,
      enumerable: true,
      get(this: URL) {
        return this.#parts[name];
      },
      set(this: URL, value: unknown) {
        this.#parts = host(OP.URL_SET, this.#parts.href, name, String(value)) as Parts;
        if (name === "search") this.#params = undefined;
      },
    };
  }
}

const SETTABLE = [
  "protocol",
  "username",
  "password",
  "host",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
] as const;
for (const name of SETTABLE) Object.defineProperty(URL.prototype, name, URL._part(name));

function parse(url: unknown, base?: unknown): Parts {
  return host(OP.URL_PARSE, String(url), base === undefined ? undefined : String(base)) as Parts;
}
