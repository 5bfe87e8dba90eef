import type { EditorApi } from "./transport/panel-transport.ts";

/** Keeps small things over a reload: in the editor's webview state, or in the browser's session. */
export interface Keeper {
  load<T>(key: string, byDefault: T): T;
  keep(key: string, value: unknown): void;
}

export function editorKeeper(api: EditorApi): Keeper {
  const state: Record<string, unknown> = { ...((api.getState() as object | undefined) ?? {}) };
  return {
    load: <T>(key: string, byDefault: T) => (key in state ? (state[key] as T) : byDefault),
    keep(key, value) {
      state[key] = value;
      api.setState(state);
    },
  };
}

/** Kept until the user deletes them; the rest ends with the browser's session. */
const LASTING: ReadonlySet<string> = new Set(["samples"]);

export function browserKeeper(): Keeper {
  const storage = (key: string) => (LASTING.has(key) ? localStorage : sessionStorage);
  return {
    load<T>(key: string, byDefault: T): T {
      const text = storage(key).getItem(`moc.${key}`);
      if (text === null) return byDefault;
      try {
        return JSON.parse(text) as T;
      } catch {
        return byDefault;
      }
    },
    keep: (key, value) => storage(key).setItem(`moc.${key}`, JSON.stringify(value)),
  };
}
