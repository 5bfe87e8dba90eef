import type { PageState, ResponseView } from "../request/messages.ts";
import { bodyView, bodyViews, fromBase64 } from "./body-view.ts";
import { button, element } from "./element.ts";
import { arrowKeys } from "./focus.ts";

interface ResponseViewParts {
  readonly state: PageState;
  /** Tab and way of showing the body that the user chose. */
  readonly tab: string;
  readonly bodyAs: Readonly<Record<string, string>>;
  choose(choice: {
    readonly tab: string;
    readonly bodyAs?: Readonly<Record<string, string>>;
  }): void;
  saveBody(): void;
  openBody(): void;
  openPosition(): void;
  compare(): void;
}

/** The right half: what came back. */
export function responseView(parts: ResponseViewParts): HTMLElement {
  const { response, strings, busy, problem } = parts.state;
  const text = (key: string): string => strings[key] ?? key;
  const section = (...children: (Node | undefined)[]): HTMLElement =>
    element(
      "section",
      { class: busy ? "response busy" : "response", "aria-label": text("response") },
      ...children,
    );
  if (problem !== undefined) {
    return section(element("p", { class: "problem", role: "alert" }, problem));
  }
  if (!response) {
    return section(element("p", { class: "hint" }, text(busy ? "waiting" : "noResponse")));
  }
  const content: Readonly<Record<string, () => HTMLElement>> = {
    body: () => bodyTab(parts, response, text),
    headers: () => headersTab(response),
    log: () => logTab(response, text),
    timing: () => timingTab(response, text),
  };
  const tab = parts.tab in content ? parts.tab : "body";
  const tabs = element(
    "div",
    { class: "tabs", role: "tablist" },
    ...Object.keys(content).map((name) =>
      button(tabLabel(name, response, text), () => parts.choose({ tab: name }), {
        role: "tab",
        id: `tab-${name}`,
        "aria-selected": String(name === tab),
        "aria-controls": "tab-panel",
      }),
    ),
  );
  arrowKeys(tabs, tabs.querySelector<HTMLElement>('[aria-selected="true"]') ?? undefined);
  const shown = content[tab]?.();
  return section(
    summary(response, text),
    ...failures(parts, response, text),
    tabs,
    element("div", { id: "tab-panel", role: "tabpanel", "aria-labelledby": `tab-${tab}` }, shown),
  );
}

type Text = (key: string) => string;

function summary(response: ResponseView, text: Text): HTMLElement {
  const { status, durationMs, memoryBytes, result, bodyLength } = response;
  const grade = status < 300 ? "good" : status < 400 ? "other" : "bad";
  const fact = (label: string, value: string): HTMLElement =>
    element("span", { class: "fact", title: label }, element("small", {}, label), ` ${value}`);
  return element(
    "div",
    { class: "summary", role: "status", "aria-live": "polite" },
    element("strong", { class: `status ${grade}` }, String(status)),
    fact(text("time"), milliseconds(durationMs)),
    fact(text("size"), bytes(bodyLength)),
    memoryBytes === undefined ? undefined : fact(text("memory"), bytes(memoryBytes)),
    result === undefined ? undefined : fact(text("result"), String(result)),
  );
}

function failures(
  { openPosition }: ResponseViewParts,
  { failures, error, position }: ResponseView,
  text: Text,
): HTMLElement[] {
  const blocks: HTMLElement[] = [];
  if (error) blocks.push(element("pre", { class: "problem", role: "alert" }, error));
  if (position) {
    const name = position.file.split(/[\\/]/).at(-1) ?? position.file;
    const label = `${text("openPosition")} ${name}:${position.line}`;
    blocks.push(button(label, openPosition, { class: "link" }));
  }
  if (failures.length > 0) {
    blocks.push(
      element(
        "div",
        { class: "problem", role: "alert" },
        element("strong", {}, text("expectations")),
        element("ul", {}, ...failures.map((one) => element("li", {}, element("pre", {}, one)))),
      ),
    );
  }
  return blocks;
}

function tabLabel(name: string, response: ResponseView, text: Text): string {
  const count =
    name === "headers" ? response.headers.length : name === "log" ? response.logs.length : 0;
  return count > 0 ? `${text(`tab.${name}`)} (${count})` : text(`tab.${name}`);
}

function bodyTab(parts: ResponseViewParts, response: ResponseView, text: Text): HTMLElement {
  const content = fromBase64(response.bodyBase64);
  if (content.length < response.bodyLength) {
    return element("p", { class: "hint" }, text("droppedBody"));
  }
  const views = bodyViews(content, response.headers);
  const [best = "hex"] = views;
  const chosen = views.find((one) => one === parts.bodyAs[best]) ?? best;
  const ways = views.map((view) =>
    button(text(`as.${view}`), () => parts.choose({ tab: "body", bodyAs: { [best]: view } }), {
      class: "link",
      "aria-pressed": String(view === chosen),
    }),
  );
  return element(
    "div",
    {},
    element(
      "div",
      { class: "actions" },
      ...ways,
      element("span", { class: "space" }),
      button(text("openBody"), parts.openBody, { class: "link" }),
      button(text("saveBody"), parts.saveBody, { class: "link" }),
      parts.state.canCompare
        ? button(text("compare"), parts.compare, { class: "link" })
        : undefined,
    ),
    content.length === 0
      ? element("p", { class: "hint" }, text("emptyBody"))
      : bodyView(content, response.headers, chosen, text("body")),
  );
}

function headersTab({ headers }: ResponseView): HTMLElement {
  return element(
    "table",
    {},
    ...headers.map(([name, value]) =>
      element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, value)),
    ),
  );
}

function logTab({ logs }: ResponseView, text: Text): HTMLElement {
  if (logs.length === 0) return element("p", { class: "hint" }, text("noLog"));
  return element(
    "ol",
    { class: "log", tabindex: "0" },
    ...logs.map((line) =>
      element("li", { class: line.level }, element("span", {}, line.level), ` ${line.text}`),
    ),
  );
}

function timingTab(response: ResponseView, text: Text): HTMLElement {
  const { spans, guestMs, queueMs, durationMs } = response;
  const total = Math.max(
    guestMs ?? 0,
    ...spans.map(({ start, duration }) => start + duration),
    0.001,
  );
  const bars = spans.map(({ name, kind, start, duration }) => {
    const bar = element("span", { class: `bar ${kind}` });
    bar.style.marginLeft = `${(start / total) * 100}%`;
    bar.style.width = `${Math.max((duration / total) * 100, 0.5)}%`;
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, name),
      element("td", { class: "track" }, bar),
      element("td", { class: "number" }, milliseconds(duration)),
    );
  });
  const facts = [
    [text("roundTrip"), durationMs],
    [text("guestTime"), guestMs],
    [text("queueTime"), queueMs],
  ] as const;
  return element(
    "div",
    {},
    element(
      "p",
      {},
      ...facts
        .filter(([, value]) => value !== undefined)
        .map(([label, value]) =>
          element(
            "span",
            { class: "fact" },
            element("small", {}, label),
            ` ${milliseconds(value ?? 0)}`,
          ),
        ),
    ),
    element("table", { class: "spans" }, ...bars),
  );
}

function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
}

function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  return value < 1024 ** 2
    ? `${(value / 1024).toFixed(1)} KiB`
    : `${(value / 1024 ** 2).toFixed(1)} MiB`;
}
