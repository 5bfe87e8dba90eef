import assert from "node:assert/strict";
import { FileSystemError, window, workspace } from "vscode";
import { keyUri } from "../keys/key-file-system.ts";
import type { KeyFormat } from "../keys/key-format.ts";
import { deleteKey, readKey, writeKey } from "../keys/key-store.ts";
import { editSource } from "./edit-source.ts";
import { type Cases, eventually } from "./host.ts";

const key = new TextEncoder().encode("documents/a");
const at = (format: KeyFormat) => keyUri({ key, format });
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

export const keyCases: Cases = {
  "a key is a document in each of its formats": async ({ client }) => {
    await writeKey(client, key, encode('{"n":1}'));
    assert.deepEqual(JSON.parse(decode(await workspace.fs.readFile(at("json")))), { n: 1 });
    assert.match(decode(await workspace.fs.readFile(at("hex"))), /7b 22 6e/);
    await workspace.fs.writeFile(at("text"), encode("plain"));
    assert.equal(decode((await readKey(client, key)).value), "plain");
    assert.equal((await workspace.fs.stat(at("text"))).size, 5);
  },

  "text that is not of the format is refused, and the value stays": async ({ client }) => {
    await assert.rejects(async () => workspace.fs.writeFile(at("hex"), encode("no hex")));
    await assert.rejects(async () => workspace.fs.writeFile(at("json"), encode("{")));
    assert.equal(decode((await readKey(client, key)).value), "plain");
  },

  "a key that is not there, and folders, are file system errors": async () => {
    const none = keyUri({ key: encode("documents/none"), format: "text" });
    await assert.rejects(
      async () => workspace.fs.readFile(none),
      (error) => error instanceof FileSystemError && error.code === "FileNotFound",
    );
    await assert.rejects(async () => workspace.fs.delete(at("text")));
  },

  "a key changed by somebody else is read anew, and never overwritten silently": async ({
    client,
  }) => {
    const document = await workspace.openTextDocument(at("text"));
    assert.equal(document.getText(), "plain");
    await writeKey(client, key, encode("theirs"));
    await eventually(() => assert.equal(document.getText(), "theirs"));
    await editSource(document.uri, "mine");
    await writeKey(client, key, encode("theirs again"));
    assert.equal(await document.save(), false);
    assert.equal(decode((await readKey(client, key)).value), "theirs again");
  },

  "a key that is deleted is no document any more, and one again when it comes back": async ({
    client,
  }) => {
    const key = encode("documents/fleeting");
    const uri = keyUri({ key, format: "text" });
    await writeKey(client, key, encode("there"));
    const { document } = await window.showTextDocument(uri);
    await eventually(() => assert.equal(document.getText(), "there"));
    await deleteKey(client, key);
    await eventually(() =>
      assert.rejects(
        async () => workspace.fs.stat(uri),
        (error) => error instanceof FileSystemError && error.code === "FileNotFound",
      ),
    );
    await writeKey(client, key, encode("again"));
    await eventually(() => assert.equal(document.getText(), "again"));
    await deleteKey(client, key);
    await workspace.fs.writeFile(uri, encode("made anew"));
    assert.equal(decode((await readKey(client, key)).value), "made anew");
  },
};
