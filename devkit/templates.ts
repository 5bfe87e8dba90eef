/** A template as `template.json` describes it. */
export interface Template {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly language: string;
  readonly variables: readonly TemplateVariable[];
  /** Absolute path. */
  readonly folder: string;
}

export interface TemplateVariable {
  readonly name: string;
  readonly title: string;
  readonly default: string;
  /** Why a value is not acceptable; undefined when it is. */
  validate(value: string): string | undefined;
}

export interface CreateOptions {
  readonly template: Template;
  readonly name: string;
  /** Made if absent; existing files in it are never overwritten. */
  readonly folder: string;
  readonly variables?: Readonly<Record<string, string>>;
}

export interface CreatedFunction {
  readonly folder: string;
  /** Absolute paths of what was written. */
  readonly files: readonly string[];
  /** The file to open first. */
  readonly mainFile: string;
}

/** All templates, by title. `root` is the templates folder; default: the one of this package. */
export declare function listTemplates(root?: string): Promise<readonly Template[]>;

/**
 * Writes a new function, all of it or nothing.
 * @throws MocError MOC_NAME_INVALID, MOC_CONFLICT (files in the way), MOC_BAD_REQUEST (variable)
 */
export declare function createFunction(options: CreateOptions): Promise<CreatedFunction>;

/** Writes the guest bindings of a function anew; answers the files that changed. */
export declare function refreshBindings(folder: string): Promise<readonly string[]>;
