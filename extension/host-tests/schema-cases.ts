import assert from "node:assert/strict";
import {
  type CompletionList,
  commands,
  languages,
  Position,
  type TextDocument,
  Uri,
  window,
  workspace,
} from "vscode";
import { type Cases, eventually, write } from "./host.ts";

export const schemaCases: Cases = {
  "moc.json and samples are completed": async ({ root }) => {
    await write(root, "drafts/moc.json", "{\n  \n}\n");
    await write(root, "drafts/samples/a.json", "{\n  \n}\n");
    const manifest = await shown(Uri.joinPath(root, "drafts/moc.json"));
    const sample = await shown(Uri.joinPath(root, "drafts/samples/a.json"));
    await eventually(async () => {
      const names = await proposals(manifest);
      for (const name of ["name", "language", "plugs", "limits"])
        assert.ok(names.includes(name), name);
      const fields = await proposals(sample);
      for (const name of ["method", "pathParams", "expect"]) assert.ok(fields.includes(name), name);
    });
    await workspace.fs.delete(Uri.joinPath(root, "drafts"), { recursive: true });
  },

  "what is wrong in a sample is told once, at its place": async ({ root }) => {
    const uri = Uri.joinPath(root, "hello/samples/wrong.json");
    await write(root, "hello/samples/wrong.json", '{\n  "methd": "get"\n}\n');
    await shown(uri);
    const [problem, ...more] = await eventually(() => {
      const found = languages.getDiagnostics(uri);
      assert.ok(found.length > 0, "no problem is shown");
      return found;
    });
    assert.match(problem?.message ?? "", /methd/);
    assert.equal(problem?.range.start.line, 1);
    assert.deepEqual(more, []);
    await workspace.fs.delete(uri);
    await eventually(() => assert.deepEqual(languages.getDiagnostics(uri), []));
  },

  "samples of others are none of our business": async ({ root }) => {
    const uri = Uri.joinPath(root, "elsewhere/samples/config.json");
    await write(root, "elsewhere/samples/config.json", '{ "method": 1, "own": true }\n');
    await shown(uri);
    // A mistake that the editor itself finds shows that it has looked.
    await write(root, "elsewhere/samples/broken.json", "{ ]");
    const broken = Uri.joinPath(root, "elsewhere/samples/broken.json");
    await shown(broken);
    await eventually(() => assert.ok(languages.getDiagnostics(broken).length > 0));
    assert.deepEqual(languages.getDiagnostics(uri), []);
  },

  "snippets are offered in each language of guests": async ({ root }) => {
    const files = { "s.js": "moc-fetch", "s.ts": "moc-fetch", "s.rs": "moc-handle" } as const;
    const more = { "s.c": "moc-handle", "s.go": "moc-handle", "s.wgsl": "moc-compute" } as const;
    for (const [file, prefix] of Object.entries({ ...files, ...more })) {
      await write(root, `snippets/${file}`, "\n");
      const document = await shown(Uri.joinPath(root, "snippets", file));
      await eventually(async () => {
        const names = await proposals(document, new Position(0, 0));
        assert.ok(names.includes(prefix), `${file}: ${names.join()}`);
      });
    }
  },
};

async function shown(uri: Uri): Promise<TextDocument> {
  const document = await workspace.openTextDocument(uri);
  await window.showTextDocument(document, { preview: true });
  return document;
}

async function proposals(document: TextDocument, at = new Position(1, 2)): Promise<string[]> {
  const { items } = await commands.executeCommand<CompletionList>(
    "vscode.executeCompletionItemProvider",
    document.uri,
    at,
  );
  return items.map(({ label }) => (typeof label === "string" ? label : label.label));
}
