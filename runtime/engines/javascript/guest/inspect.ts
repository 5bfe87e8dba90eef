const DEPTH = 2;
const ITEMS_MAX = 100;
const LINE = 72;

/** A value as Node's console shows it. */
export function inspect(value: unknown, depth = DEPTH): string {
  return show(value, depth, []);
}

/** Arguments of a console method as one line: `%s %d %i %f %j %o %O %c` of the first, then the rest. */
export function format(args: readonly unknown[]): string {
  let used = 0;
  let text = "";
  const [first] = args;
  if (typeof first === "string") {
    used = 1;
    text = first.replace(/%[sdifjoOc%]/g, (mark) => {
      if (mark === "%%") return "%";
      if (used >= args.length) return mark;
      return formatOne(mark, args[used++]);
    });
  }
  for (; used < args.length; used++) {
    const value = args[used];
    if (used > 0) text += " ";
    text += typeof value === "string" ? value : inspect(value);
  }
  return text;
}

function formatOne(mark: string, value: unknown): string {
  switch (mark) {
    case "%s":
      return typeof value === "object" && value !== null ? inspect(value, 0) : String(value);
    case "%d":
      return typeof value === "bigint" ? `${value}n` : String(Number(value));
    case "%i":
      return String(Number.parseInt(String(value), 10));
    case "%f":
      return String(Number.parseFloat(String(value)));
    case "%j":
      return JSON.stringify(value);
    case "%c":
      return "";
    default:
      return inspect(value, mark === "%o" ? 4 : DEPTH);
  }
}

function show(value: unknown, depth: number, above: readonly object[]): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "function") return showFunction(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (above.includes(value)) return "[Circular *1]";
  try {
    return showObject(value, depth, [...above, value]);
  } catch {
    // Proxies and getters of the guest may throw; a log line must not.
    return "[Object]";
  }
}

function showFunction(value: unknown): string {
  const { name } = value as { name: unknown };
  const kind = /^class\b/.test(Function.prototype.toString.call(value)) ? "class" : "Function";
  if (kind === "class") return `[class ${String(name) || "(anonymous)"}]`;
  return name ? `[Function: ${String(name)}]` : "[Function (anonymous)]";
}

function showObject(value: object, depth: number, above: readonly object[]): string {
  if (value instanceof Error) return showError(value, depth, above);
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof RegExp) return String(value);
  const name = className(value);
  if (value instanceof Boolean || value instanceof Number || value instanceof String) {
    return `[${name}: ${show(value.valueOf(), depth, above)}]`;
  }
  if (value instanceof Promise) return "Promise { <state unknown> }";
  if (value instanceof WeakMap || value instanceof WeakSet) return `${name} { <items unknown> }`;
  const inner = (one: unknown) => show(one, depth - 1, above);
  if (Array.isArray(value)) {
    return depth < 0
      ? "[Array]"
      : braces(name === "Array" ? "" : name, "[]", [
          ...limited(value, inner),
          ...fields(value, inner).slice(
            Object.keys(value).filter((key) => /^\d+$/.test(key)).length,
          ),
        ]);
  }
  if (depth < 0) return `[${name || "Object"}]`;
  if (value instanceof Map) {
    const entries = limited([...value], ([key, one]) => `${inner(key)} => ${inner(one)}`);
    return braces(`Map(${value.size})`, "{}", entries);
  }
  if (value instanceof Set) return braces(`Set(${value.size})`, "{}", limited([...value], inner));
  if (value instanceof ArrayBuffer) {
    return braces(name, "{}", [`byteLength: ${value.byteLength}`]);
  }
  if (ArrayBuffer.isView(value) && "length" in value) {
    const items = Array.from(value as unknown as ArrayLike<unknown>);
    return braces(`${name}(${items.length})`, "[]", limited(items, inner));
  }
  return braces(name === "Object" ? "" : name, "{}", fields(value, inner));
}

function showError(error: Error, depth: number, above: readonly object[]): string {
  const head = `${error.name}: ${error.message}`;
  const stack = error.stack ? `${head}\n${error.stack.trimEnd()}` : head;
  const extra = Object.keys(error).map((key) => {
    const value = (error as unknown as Record<string, unknown>)[key];
    return `${key}: ${show(value, depth - 1, above)}`;
  });
  if (error.cause !== undefined) extra.push(`[cause]: ${show(error.cause, depth - 1, above)}`);
  return extra.length > 0 ? `${stack} ${braces("", "{}", extra)}` : stack;
}

function className(value: object): string {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null) return "[Object: null prototype]";
  const { constructor: maker } = prototype;
  return typeof maker === "function" ? String(maker.name) : "";
}

function limited<T>(items: readonly T[], showOne: (item: T) => string): string[] {
  const shown = items.slice(0, ITEMS_MAX).map(showOne);
  const left = items.length - shown.length;
  if (left > 0) shown.push(`... ${left} more item${left > 1 ? "s" : ""}`);
  return shown;
}

function fields(value: object, inner: (one: unknown) => string): string[] {
  const keys = Reflect.ownKeys(value).filter((key) =>
    Object.prototype.propertyIsEnumerable.call(value, key),
  );
  return keys.map((key) => {
    const label =
      typeof key === "symbol"
        ? `[${String(key)}]`
        : /^[A-Za-z_$][\w$]*$/.test(key)
          ? key
          : quote(key);
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    if (descriptor?.get) return `${label}: [Getter${descriptor.set ? "/Setter" : ""}]`;
    return `${label}: ${inner(descriptor?.value)}`;
  });
}

function braces(name: string, pair: string, items: readonly string[]): string {
  const head = name ? `${name} ` : "";
  const [open, close] = pair;
  if (items.length === 0) return `${head}${pair}`;
  const line = `${head}${open} ${items.join(", ")} ${close}`;
  if (line.length <= LINE && !line.includes("\n")) return line;
  const block = items.map((item) => item.replaceAll("\n", "\n  ")).join(",\n  ");
  return `${head}${open}\n  ${block}\n${close}`;
}

function quote(text: string): string {
  const mark = !text.includes("'") ? "'" : !text.includes('"') ? '"' : "`";
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) + mark;
}
