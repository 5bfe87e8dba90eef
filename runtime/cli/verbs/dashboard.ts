import { spawn } from "node:child_process";
import { withClient } from "../target.ts";
import { defineVerb, TARGET_OPTIONS } from "../verb.ts";

/** What opens a URL in the user's browser, by system. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

export const verb = defineVerb({
  name: "dashboard",
  usage: "",
  summary: "Print a link that signs a browser in to the dashboard, once, within two minutes.",
  operands: { min: 0, max: 0 },
  options: { ...TARGET_OPTIONS, open: { kind: "flag", doc: "open it in the browser too" } },
  async run({ options, terminal }) {
    const url = await withClient(options, async (client) => {
      const { path } = await client.call("signInLink");
      return client.target.baseUrl + path;
    });
    terminal.line(url);
    if (options.open) openInBrowser(url);
    return 0;
  },
});

function openInBrowser(url: string): void {
  const [command = "xdg-open", ...args] = OPENERS[process.platform] ?? ["xdg-open"];
  const child = spawn(command, [...args, url], { stdio: "ignore", detached: true });
  // No opener (a server without a desktop): the link was printed.
  child.on("error", () => undefined);
  child.unref();
}
