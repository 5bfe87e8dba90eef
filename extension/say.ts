/** Puts values for `{0}`, `{1}` … into a translated text; `l10n.t` for code that does without the editor. */
export type Say = (message: string, ...values: (string | number)[]) => string;

/** Says it in English, where there is no editor. */
export const plain: Say = (message, ...values) =>
  message.replaceAll(/\{(\d+)\}/g, (_, index) => String(values[Number(index)]));
