import { l10n, languages, type TextDocument, Uri, window, workspace } from "vscode";
import { PLATFORM_LIMITS } from "../../runtime/protocol/limits.ts";
import { KEY_SCHEME } from "../contributions/views.ts";
import { keyUri } from "../keys/key-file-system.ts";
import { detectFormat, KEY_FORMATS, type KeyFormat } from "../keys/key-format.ts";
import { keyLabel, parseKeyQuery } from "../keys/key-location.ts";
import { createKey, deleteKey, hasKey, readKey } from "../keys/key-store.ts";
import type { Parts } from "../parts.ts";
import { setContext } from "../projects.ts";
import { keyBytes } from "../trees/keys-tree.ts";
import { copyText } from "./copy-text.ts";

const LANGUAGES: Readonly<Record<KeyFormat, string>> = {
  json: "json",
  text: "plaintext",
  hex: "plaintext",
};

/** Add Key…: asks for the key, makes it empty, opens its document. */
export async function addKeyCommand(parts: Parts): Promise<void> {
  const client = await parts.runtime.ensure();
  const key = await window.showInputBox({
    title: l10n.t("Add Key"),
    prompt: l10n.t("The key; slashes group keys"),
    value: parts.keyTree.filter,
    validateInput: async (text) => {
      const bytes = Buffer.from(text);
      if (bytes.length === 0) return l10n.t("A key is needed.");
      if (bytes.length > PLATFORM_LIMITS.keyBytes.value) {
        return l10n.t("{0} bytes at most.", PLATFORM_LIMITS.keyBytes.value);
      }
      return (await hasKey(client, text)) ? l10n.t("There is such a key already.") : undefined;
    },
  });
  if (key === undefined) return;
  const value = await window.showInputBox({
    title: l10n.t("Add Key"),
    prompt: l10n.t("Its value; it can be edited as a document afterwards"),
  });
  if (value === undefined) return;
  const bytes = Buffer.from(key);
  await createKey(client, bytes, Buffer.from(value));
  await showKey(bytes, detectFormat(Buffer.from(value)));
}

/** Open Key…: as the format that shows it best. */
export async function openKeyCommand(parts: Parts, argument: unknown): Promise<void> {
  const key = await keyOf(parts, argument);
  if (!key) return;
  const { value } = await readKey(await parts.runtime.ensure(), key);
  await showKey(key, detectFormat(value));
}

/** Open Key As…: JSON, text or hex. */
export async function openKeyAsCommand(parts: Parts, argument: unknown): Promise<void> {
  const key = await keyOf(parts, argument);
  if (!key) return;
  const names: Readonly<Record<KeyFormat, string>> = {
    json: l10n.t("JSON"),
    text: l10n.t("Text"),
    hex: l10n.t("Hex"),
  };
  const picked = await window.showQuickPick(
    KEY_FORMATS.map((format) => ({ label: names[format], format })),
    { placeHolder: l10n.t("Open {0} as", keyLabel(key)) },
  );
  if (picked) await showKey(key, picked.format);
}

/** Delete Key…: after a confirmation. */
export async function deleteKeyCommand(parts: Parts, argument: unknown): Promise<void> {
  const key = await keyOf(parts, argument);
  if (!key) return;
  const remove = l10n.t("Delete");
  const message = l10n.t("Delete the key {0}?", keyLabel(key));
  const detail = l10n.t("Its value cannot be brought back.");
  const choice = await window.showWarningMessage(message, { modal: true, detail }, remove);
  if (choice !== remove) return;
  await deleteKey(await parts.runtime.ensure(), key);
  parts.keyTree.refresh();
}

export async function copyKeyCommand(parts: Parts, argument: unknown): Promise<void> {
  const key = await keyOf(parts, argument);
  if (key) await copyText(keyLabel(key), l10n.t("key copied"));
}

/** Show Keys with Prefix… */
export async function filterKeysCommand(parts: Parts): Promise<void> {
  const prefix = await window.showInputBox({
    title: l10n.t("Show Keys with Prefix"),
    prompt: l10n.t("Keys that start with it are shown"),
    value: parts.keyTree.filter,
  });
  if (prefix === undefined) return;
  parts.keyTree.setFilter(prefix);
  await setContext("keyFilter", prefix !== "");
}

export async function clearKeyFilterCommand(parts: Parts): Promise<void> {
  parts.keyTree.setFilter("");
  await setContext("keyFilter", false);
}

export async function loadMoreKeysCommand(parts: Parts, argument: unknown): Promise<void> {
  const { prefix } = (argument ?? {}) as { readonly prefix?: string };
  parts.keyTree.loadMore(prefix ?? parts.keyTree.filter);
}

async function showKey(key: Uint8Array, format: KeyFormat): Promise<void> {
  const document: TextDocument = await workspace.openTextDocument(keyUri({ key, format }));
  const language = LANGUAGES[format];
  if (document.languageId !== language) await languages.setTextDocumentLanguage(document, language);
  await window.showTextDocument(document, { preview: false });
}

/** The key of a tree's line or of a key's document; else the user is asked. */
async function keyOf(parts: Parts, argument: unknown): Promise<Uint8Array | undefined> {
  const document = argument === undefined ? window.activeTextEditor?.document.uri : argument;
  if (document instanceof Uri && document.scheme === KEY_SCHEME) {
    return parseKeyQuery(document.query)?.key;
  }
  const { key } = (argument ?? {}) as { readonly key?: unknown };
  if (key instanceof Uint8Array) return key;
  const client = await parts.runtime.ensure();
  const { entries } = await client.call("kvList", {
    query: { prefix: parts.keyTree.filter, limit: 1000 },
  });
  const picked = await window.showQuickPick(
    entries.map((entry) => ({
      label: keyLabel(keyBytes(entry)),
      description: l10n.t("{0} bytes", entry.length),
      key: keyBytes(entry),
    })),
    { placeHolder: l10n.t("Choose a key") },
  );
  return picked?.key;
}
