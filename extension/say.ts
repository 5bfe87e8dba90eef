/** Puts values for `{0}`, `{1}` … into a translated text; `l10n.t` for code that does without the editor. */
export type Say = (message: string, ...values: (string | number)[]) => string;
