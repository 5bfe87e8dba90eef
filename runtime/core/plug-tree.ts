import type { Plug } from "../protocol/model.ts";
import { parsePattern } from "./path-pattern.ts";

/** The plug that answers a path, and what its pattern bound. */
export interface PlugMatch {
  readonly plug: Plug;
  /** Values of `!param` and `*rest`, percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
}

/** Method of a plug that answers all of them. */
export const ANY_METHOD = "any";

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({});

interface Leaf {
  readonly plug: Plug;
  readonly names: readonly string[];
}

class Node {
  readonly literals = new Map<string, Node>();
  param: Node | undefined;
  /** Plugs whose `*rest` begins here, by method. */
  readonly rests = new Map<string, Leaf>();
  /** Plugs that end here, by method. */
  readonly leaves = new Map<string, Leaf>();
}

/** Plugs of one host as a tree of path segments. Built anew on changes, which are rare. */
export class PlugTree {
  readonly #root = new Node();

  add(plug: Plug): void {
    const names: string[] = [];
    let node = this.#root;
    for (const segment of parsePattern(plug.path)) {
      if (segment.kind !== "literal") names.push(segment.name);
      if (segment.kind === "rest") {
        node.rests.set(plug.method, { plug, names });
        return;
      }
      node = segment.kind === "param" ? paramOf(node) : literalOf(node, segment.text);
    }
    node.leaves.set(plug.method, { plug, names });
  }

  /** @param parts of `splitPath` */
  match(method: string, parts: readonly string[]): PlugMatch | undefined {
    const values: string[] = [];
    const leaf = find(this.#root, method, parts, 0, values);
    if (!leaf) return undefined;
    if (leaf.names.length === 0) return { plug: leaf.plug, params: NO_PARAMS };
    const params: Record<string, string> = Object.create(null);
    leaf.names.forEach((name, index) => {
      params[name] = values[index] ?? "";
    });
    return { plug: leaf.plug, params };
  }

  methods(parts: readonly string[], found: Set<string>): void {
    collect(this.#root, parts, 0, found);
  }
}

/** Literal before parameter before rest; where one leads nowhere the next is tried. */
function find(
  node: Node,
  method: string,
  parts: readonly string[],
  at: number,
  values: string[],
): Leaf | undefined {
  const part = parts[at];
  if (part === undefined) return choose(node.leaves, method);
  const literal = node.literals.get(part);
  if (literal) {
    const leaf = find(literal, method, parts, at + 1, values);
    if (leaf) return leaf;
  }
  if (node.param && part !== "") {
    values.push(part);
    const leaf = find(node.param, method, parts, at + 1, values);
    if (leaf) return leaf;
    values.pop();
  }
  const rest = node.rests.size > 0 ? choose(node.rests, method) : undefined;
  if (rest) values.push(parts.slice(at).join("/"));
  return rest;
}

/** The method's own plug, GET's for HEAD, then the one for any method. */
function choose(leaves: ReadonlyMap<string, Leaf>, method: string): Leaf | undefined {
  const own = leaves.get(method) ?? (method === "head" ? leaves.get("get") : undefined);
  return own ?? leaves.get(ANY_METHOD);
}

function collect(node: Node, parts: readonly string[], at: number, found: Set<string>): void {
  const part = parts[at];
  if (part === undefined) {
    for (const method of node.leaves.keys()) found.add(method);
    return;
  }
  const literal = node.literals.get(part);
  if (literal) collect(literal, parts, at + 1, found);
  if (node.param && part !== "") collect(node.param, parts, at + 1, found);
  for (const method of node.rests.keys()) found.add(method);
}

function paramOf(node: Node): Node {
  node.param ??= new Node();
  return node.param;
}

function literalOf(node: Node, text: string): Node {
  let next = node.literals.get(text);
  if (!next) {
    next = new Node();
    node.literals.set(text, next);
  }
  return next;
}
