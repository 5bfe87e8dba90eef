/**
 * What the engines use of WebAssembly and of JavaScript Promise Integration. Neither TypeScript's
 * language library nor Node's types declare them outside of the DOM.
 * @see https://webassembly.github.io/spec/js-api/
 * @see https://github.com/WebAssembly/js-promise-integration
 */
declare namespace WebAssembly {
  type ValueType = "i32" | "i64" | "f32" | "f64" | "v128" | "externref" | "anyfunc";
  type ExternalKind = "function" | "table" | "memory" | "global" | "tag";
  type ExportFunction = (...args: never[]) => unknown;
  type ExportValue = ExportFunction | Global | Memory | Table;
  type ImportValue = ExportValue | Suspending | number | bigint;
  type Exports = Record<string, ExportValue>;
  type Imports = Record<string, Record<string, ImportValue>>;

  interface ModuleExportDescriptor {
    readonly name: string;
    readonly kind: ExternalKind;
  }
  interface ModuleImportDescriptor extends ModuleExportDescriptor {
    readonly module: string;
  }

  class Module {
    constructor(bytes: Uint8Array | ArrayBuffer);
    static exports(module: Module): ModuleExportDescriptor[];
    static imports(module: Module): ModuleImportDescriptor[];
    static customSections(module: Module, name: string): ArrayBuffer[];
  }
  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Exports;
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number; shared?: boolean });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Table {
    constructor(descriptor: { element: ValueType; initial: number; maximum?: number });
    readonly length: number;
    get(index: number): unknown;
    set(index: number, value?: unknown): void;
    grow(count: number, value?: unknown): number;
  }
  class Global<T = unknown> {
    constructor(descriptor: { value: ValueType; mutable?: boolean }, value?: T);
    value: T;
    valueOf(): T;
  }

  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}

  /** An import whose promise suspends the wasm stack that called it. */
  class Suspending {
    constructor(callee: (...args: never[]) => unknown);
  }
  /** An export that answers a promise and may be suspended meanwhile. */
  function promising<Args extends readonly unknown[]>(
    callee: (...args: Args) => unknown,
  ): (...args: Args) => Promise<unknown>;

  function compile(bytes: Uint8Array | ArrayBuffer): Promise<Module>;
  function instantiate(module: Module, imports?: Imports): Promise<Instance>;
  function validate(bytes: Uint8Array | ArrayBuffer): boolean;
}
