/** What the editor asks and says: dialogs and notifications, which tests in the extension host never see. */
import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, describe } from "node:test";
import type { Client } from "../devkit/client.ts";
import { clientOf, Editor, eventually } from "./scenario.ts";
import { stepsIn } from "./steps.ts";
import { packageToolCaller } from "./tool-caller.ts";
import type { Workbench } from "./workbench.ts";

const BRIEF = { name: "brief", language: "javascript", plugs: [{ path: "/brief" }] };

describe("what the editor asks and says", () => {
  let editor: Editor | string = "not started";
  let bench: Workbench | undefined;
  let client: Client | undefined;
  let folder = "";

  before(async () => {
    const caller = await packageToolCaller();
    try {
      editor = await Editor.start({ more: [caller] });
    } finally {
      await rm(dirname(caller), { recursive: true });
    }
    if (typeof editor === "string") return;
    folder = await editor.workspace({ hello: "javascript" });
    await make("brief", BRIEF);
    bench = await editor.open(folder);
    await bench.command("Deploy All Functions");
    client = clientOf(await editor.instance());
    await eventually(async () => {
      assert.deepEqual([await status("/brief"), await status("/hello")], [200, 200]);
    });
  });
  after(async () => {
    client?.close();
    await bench?.[Symbol.asyncDispose]();
    if (typeof editor !== "string") await editor[Symbol.asyncDispose]();
  });

  async function make(name: string, manifest: object): Promise<void> {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(
      join(folder, name, "index.js"),
      "export default { fetch: () => new Response() };",
    );
    await writeFile(join(folder, name, "moc.json"), JSON.stringify(manifest));
  }

  async function status(path: string): Promise<number | undefined> {
    return (await client?.fetchFunction({ path }))?.status;
  }

  const windowStep = stepsIn(() => ({ editor, bench }));
  function step(name: string, run: (bench: Workbench, client: Client) => Promise<void>): void {
    windowStep(name, async (bench) => {
      assert.ok(client, "the functions were not deployed");
      await run(bench, client);
    });
  }

  step("undeploying asks first", async (bench) => {
    for (const [button, expected] of [
      ["Cancel", 200],
      ["Undeploy", 404],
    ] as const) {
      await bench.command("Undeploy Function");
      await bench.pick("brief");
      await bench.dialog("Undeploy brief?").getByText("Its plugs, files and filters").waitFor();
      await bench.answer(button);
      await eventually(async () => assert.equal(await status("/brief"), expected));
    }
    await bench.command("Deploy All Functions");
    await eventually(async () => assert.equal(await status("/brief"), 200));
  });

  step("a path that another function has is refused, and said each time", async (bench) => {
    await make("rival", { ...BRIEF, name: "rival" });
    await bench.showViews();
    await bench.row("Functions", "rival").waitFor();
    for (let n = 0; n < 2; n++) {
      await bench.row("Functions", "rival").hover();
      await bench.row("Functions", "rival").getByRole("button", { name: "Deploy" }).click();
      await bench.toast("is plugged for 'brief' already").waitFor();
      await bench.closeToast("is plugged for 'brief' already");
    }
    await rm(join(folder, "rival"), { recursive: true });
    await bench.row("Functions", "rival").waitFor({ state: "detached" });
  });

  step("sources that go while their function serves: it can be taken down", async (bench) => {
    await rm(join(folder, "brief"), { recursive: true });
    const toast = bench.toast("The sources of brief are gone");
    await toast.waitFor();
    await bench.picture("sources-gone");
    await toast.getByRole("button", { name: "Undeploy" }).click();
    await eventually(async () => assert.equal(await status("/brief"), 404));
  });

  step(
    "an assistant's tool that reads asks nobody, one that changes something does",
    async (bench) => {
      await bench.command("Call Tool: list_functions");
      await bench.toast('"name": "hello"').waitFor();
      await bench.closeToast('"name": "hello"');
      await bench.command("Call Tool: deploy_function");
      await bench.dialog("Deploy Function").waitFor();
      await bench.picture("tool-asks");
      await bench.answer("Cancel");
      await bench.toast("failed:").waitFor();
      await bench.closeToast("failed:");
      await bench.command("Call Tool: deploy_function");
      await bench.answer("Yes");
      await bench.toast("hello is live").waitFor();
      await bench.closeToast("hello is live");
    },
  );

  step(
    "a key is added, found by its prefix and deleted after a question",
    async (bench, client) => {
      await bench.command("Add Key");
      await bench.enter("cart/7");
      await bench.quickInput().getByText("Its value").waitFor();
      await bench.enter('{"items":[]}');
      await bench.page.locator('.tab.active[aria-label*="7.json"]').waitFor();
      await bench.command("Add Key");
      await bench.page.locator(".quick-input-widget input.input").fill("cart/7");
      await bench.quickInput().getByText("There is such a key already").waitFor();
      await bench.page.keyboard.press("Escape");
      await bench.command("Show Keys with Prefix");
      await bench.enter("cart/");
      await bench.showViews();
      await bench.unfold("Key-Value Store");
      await bench.row("Key-Value Store", "7").waitFor();
      await bench.command("Delete Key");
      await bench.answer("Delete");
      await eventually(async () => {
        const { entries } = await client.call("kvList", { query: { prefix: "cart/" } });
        assert.deepEqual(entries, []);
      });
      await bench.page.getByText("No key has this prefix.").waitFor();
      await bench.command("Show All Keys");
    },
  );

  step("what can be no function says so", async (bench) => {
    await mkdir(join(folder, "notes"));
    await writeFile(join(folder, "notes/notes.txt"), "nothing");
    await bench.page.keyboard.press("Control+Shift+E");
    await bench.contextMenu(bench.file("notes"), "Deploy");
    await bench.toast("holds nothing that can be a function").waitFor();
    await bench.closeToast("holds nothing that can be a function");
  });

  step("several that do not build are told in one go", async (bench) => {
    for (const name of ["first-broken", "second-broken"]) {
      await make(name, { ...BRIEF, name, plugs: [{ path: `/${name}` }] });
      await writeFile(join(folder, name, "index.js"), "export default {");
    }
    await bench.showViews();
    await bench.row("Functions", "second-broken").waitFor();
    await bench.command("Deploy All Functions");
    const said = /2 of \d functions failed: first-broken, second-broken/;
    await bench.toast(said).waitFor();
    assert.equal(await bench.toast("-broken").count(), 1);
    await bench.status().getByText("2 builds failed").waitFor();
    for (const name of ["first-broken", "second-broken"]) {
      await rm(join(folder, name), { recursive: true });
      await bench.row("Functions", name).waitFor({ state: "detached" });
    }
    await bench.closeToast("functions failed");
  });

  step("a save says why nothing comes of it when moc.json is not valid", async (bench) => {
    await writeFile(join(folder, "hello/moc.json"), '{ "name": "hello", "langage": "javascript" }');
    await bench.row("Functions", "moc.json is not valid").waitFor();
    await bench.openFile("hello/index.js");
    await bench.replaceText("export default { fetch: () => new Response() };");
    await bench.page.keyboard.press("Control+S");
    await bench.toast('did you mean "language"?').waitFor();
    await bench.picture("manifest-not-valid");
  });
});
