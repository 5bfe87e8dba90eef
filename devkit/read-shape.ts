import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { Diagnostic } from "./diagnostic.ts";
import { nearest } from "./nearest.ts";
import type { FieldShapes, NumberShape, Shape } from "./shape.ts";

/** What a file holds, as far as it could be read. */
export interface ShapeReading<T> {
  /** Present when there are no errors. */
  readonly value?: T;
  readonly problems: readonly Diagnostic[];
  /** Place of the value at a path such as `plugs[0].path`, for checks across fields. */
  locate(path: string): Pick<Diagnostic, "line" | "column" | "endLine" | "endColumn">;
}

/** Reads a JSON text strictly by its shape; every problem names its path, line and column. */
export function readShape<T>(shape: Shape<T>, text: string, file: string): ShapeReading<T> {
  const reader = new ShapeReader(text, file);
  const value = reader.readRoot(shape);
  return {
    ...(reader.problems.length === 0 && { value: value as T }),
    problems: reader.problems,
    locate: (path) => reader.range(reader.nodes.get(path) ?? reader.nodes.get("")),
  };
}

class ShapeReader {
  readonly problems: Diagnostic[] = [];
  readonly nodes = new Map<string, Node>();
  readonly #text: string;
  readonly #file: string;
  readonly #lineStarts: number[] = [0];

  constructor(text: string, file: string) {
    // A mark of the byte order, as some editors write it, is as good as a blank.
    this.#text = text.replace(/^\uFEFF/, " ");
    this.#file = file;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
      this.#lineStarts.push(at + 1);
    }
  }

  readRoot(shape: Shape): unknown {
    const errors: ParseError[] = [];
    const root = parseTree(this.#text, errors, { disallowComments: true });
    for (const { error, offset, length } of errors) {
      this.#problem(`not JSON: ${words(printParseErrorCode(error))}`, { offset, length });
    }
    if (errors.length > 0) return undefined;
    if (!root) {
      this.#problem("the file is empty", { offset: 0, length: 0 });
      return undefined;
    }
    return this.#read(shape, root, "");
  }

  range(node: Pick<Node, "offset" | "length"> | undefined) {
    const offset = Math.min(node?.offset ?? 0, this.#text.length);
    const [line, column] = this.#place(offset);
    const [endLine, endColumn] = this.#place(offset + (node?.length ?? 0));
    return { line, column, endLine, endColumn };
  }

  #place(offset: number): [number, number] {
    let line = this.#lineStarts.findIndex((start) => start > offset);
    if (line < 0) line = this.#lineStarts.length;
    return [line, offset - (this.#lineStarts[line - 1] ?? 0) + 1];
  }

  #problem(message: string, node: Pick<Node, "offset" | "length">): void {
    this.problems.push({
      file: this.#file,
      ...this.range(node),
      severity: "error",
      message,
      code: "MOC_MANIFEST",
    });
  }

  #read(shape: Shape, node: Node, path: string): unknown {
    this.nodes.set(path, node);
    switch (shape.kind) {
      case "json":
        return plainValue(node);
      case "integer":
      case "number":
        return this.#readNumber(shape, node, path);
      case "string":
        return this.#readString(shape, node, path);
      case "list":
        if (node.type !== "array") return this.#wrongType(node, path, "a list");
        return (node.children ?? []).map((one, i) => this.#read(shape.of, one, `${path}[${i}]`));
      case "record":
        return this.#readProperties(node, path, () => shape.of);
      case "object":
        return this.#readObject(shape.fields, node, path);
    }
  }

  #readNumber(shape: NumberShape, node: Node, path: string): unknown {
    const { kind, min, max } = shape;
    const what = kind === "integer" ? "a whole number" : "a number";
    const value: unknown = node.value;
    if (typeof value !== "number") return this.#wrongType(node, path, what);
    if ((kind === "integer" && !Number.isInteger(value)) || value < min || value > max) {
      this.#problem(`${at(path)} must be ${what} from ${min} to ${max}`, node);
    }
    return value;
  }

  #readString(shape: Shape & { kind: "string" }, node: Node, path: string): unknown {
    const value: unknown = node.value;
    if (typeof value !== "string") return this.#wrongType(node, path, "a string");
    if (shape.values && !shape.values.includes(value)) {
      const near = nearest(value, shape.values);
      const hint = near ? `; did you mean "${near}"?` : "";
      this.#problem(`${at(path)} must be one of ${shape.values.join(", ")}${hint}`, node);
    }
    const wrong = shape.check?.(value);
    if (wrong) this.#problem(`${at(path)}: ${wrong}`, node);
    return value;
  }

  #readObject(fields: FieldShapes, node: Node, path: string): unknown {
    const value = this.#readProperties(node, path, (key, keyNode) => {
      const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
      if (!field) this.#unknownKey(key, keyNode, path, Object.keys(fields));
      return field;
    });
    if (!value) return undefined;
    for (const [name, field] of Object.entries(fields)) {
      if (!field.optional && !Object.hasOwn(value, name)) {
        this.#problem(`${at(joined(path, name))} is missing: ${field.doc}`, node);
      }
    }
    return value;
  }

  #readProperties(
    node: Node,
    path: string,
    shapeOf: (key: string, keyNode: Node) => Shape | undefined,
  ): Record<string, unknown> | undefined {
    if (node.type !== "object") return this.#wrongType(node, path, "an object");
    const value: Record<string, unknown> = {};
    for (const property of node.children ?? []) {
      const [keyNode, valueNode] = property.children ?? [];
      if (!keyNode || !valueNode) continue;
      const key = String(keyNode.value);
      const inner = joined(path, key);
      if (Object.hasOwn(value, key)) this.#problem(`${at(inner)} is given twice`, keyNode);
      const shape = shapeOf(key, keyNode);
      if (shape) setOwn(value, key, this.#read(shape, valueNode, inner));
    }
    return value;
  }

  #unknownKey(key: string, node: Node, path: string, known: readonly string[]): void {
    const near = nearest(key, known);
    const hint = near ? `did you mean "${near}"?` : `known are ${known.join(", ")}`;
    this.#problem(`${at(joined(path, key))} is unknown; ${hint}`, node);
  }

  #wrongType(node: Node, path: string, wanted: string): undefined {
    this.#problem(`${at(path)} must be ${wanted}, not ${TYPE_NAMES[node.type]}`, node);
    return undefined;
  }
}

const TYPE_NAMES: Readonly<Record<Node["type"], string>> = {
  object: "an object",
  array: "a list",
  property: "a property",
  string: "a string",
  number: "a number",
  boolean: "true or false",
  null: "null",
};

function plainValue(node: Node): unknown {
  if (node.type === "array") return (node.children ?? []).map(plainValue);
  if (node.type !== "object") return node.value;
  const value: Record<string, unknown> = {};
  for (const { children } of node.children ?? []) {
    const [key, one] = children ?? [];
    if (key && one) setOwn(value, String(key.value), plainValue(one));
  }
  return value;
}

/** Unlike an assignment, `__proto__` becomes an own property like any other key. */
function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function joined(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

function at(path: string): string {
  return path === "" ? "the file" : path;
}

/** `PropertyNameExpected` to `property name expected`. */
function words(code: string): string {
  return code.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
}
