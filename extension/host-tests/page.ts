/**
 * What a test in the extension host has done in the editor's page, where its lists are: the test
 * outside reads the request from the console, and answers with a file. (An editor under such a test
 * shows neither dialogs nor notifications.)
 */
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { PAGE_MARK, type PageAction, type PageAnswer } from "./page-actions.ts";

const POLL_MS = 20;
const WAIT_MS = 30_000;

/** The editor's page. */
export class Page {
  readonly #base: string;
  #last = 0;

  /** @param base path that the answers' files begin with */
  constructor(base: string) {
    this.#base = base;
  }

  /** Narrows the open quick pick by a text, of which only the first lines are drawn, and chooses. */
  async pick(text: string): Promise<void> {
    await this.#do({ kind: "read", selector: ".quick-input-list .monaco-list-row" });
    await this.fill(text);
    await this.#do({ kind: "click", selector: ".quick-input-list .monaco-list-row", text });
  }

  /** Types into the open input box and accepts. */
  async enter(text: string): Promise<void> {
    await this.fill(text);
    await this.press("Enter");
  }

  async fill(text: string): Promise<void> {
    await this.#do({ kind: "fill", selector: ".quick-input-widget input.input", text });
  }

  /** Waits until the open input shows a text, as a title or as what is wrong. */
  async shows(text: string): Promise<void> {
    await this.#do({ kind: "read", selector: ".quick-input-widget", text });
  }

  /** Goes back a step of the open wizard. */
  async back(): Promise<void> {
    await this.#do({ kind: "click", selector: ".quick-input-widget .codicon-quick-input-back" });
  }

  async press(key: string): Promise<void> {
    await this.#do({ kind: "press", selector: key });
  }

  /** Waits for an element that holds a text, and answers all of its text. */
  read(selector: string, text?: string): Promise<string> {
    return this.#do({ kind: "read", selector, ...(text !== undefined && { text }) });
  }

  async #do(action: PageAction): Promise<string> {
    const file = `${this.#base}.page-${++this.#last}.json`;
    console.log(`${PAGE_MARK}${JSON.stringify({ file, action })}`);
    for (let waited = 0; waited < WAIT_MS; waited += POLL_MS) {
      const answer = await readAnswer(file);
      if (answer?.error !== undefined)
        throw new Error(`${JSON.stringify(action)}: ${answer.error}`);
      if (answer) return answer.text ?? "";
      await sleep(POLL_MS);
    }
    throw new Error(`nobody did ${JSON.stringify(action)}`);
  }
}

async function readAnswer(file: string): Promise<PageAnswer | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    // Not there yet, or half written.
    return undefined;
  }
}
