import {
  BODY_KINDS,
  type Pairs,
  pathParameters,
  REQUEST_KINDS,
  type RequestForm,
} from "../request/form.ts";
import type { PageState } from "../request/messages.ts";
import { button, element, field, select } from "./element.ts";
import { arrowKeys } from "./focus.ts";

interface RequestViewParts {
  readonly state: PageState;
  readonly form: RequestForm;
  /** Changes the newest form, which may be ahead of the drawn one; `again`: other fields are needed. */
  edit: Edit;
  send(): void;
  cancel(): void;
  chooseFile(): void;
  saveSample(): void;
  copyCurl(): void;
}

type Edit = (change: (form: RequestForm) => Partial<RequestForm>, again?: boolean) => void;

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/** The left half: what is sent. */
export function requestView(parts: RequestViewParts): HTMLElement {
  const { form, state } = parts;
  const { strings } = state;
  const text = (key: string): string => strings[key] ?? key;
  const kinds = element(
    "div",
    { class: "segments", role: "radiogroup", "aria-label": text("kind") },
    ...REQUEST_KINDS.map((kind) =>
      button(text(`kind.${kind}`), () => parts.edit(() => ({ kind }), true), {
        role: "radio",
        "aria-checked": String(form.kind === kind),
      }),
    ),
  );
  arrowKeys(kinds, kinds.querySelector<HTMLElement>('[aria-checked="true"]') ?? undefined);
  return element(
    "section",
    { class: "request", "aria-label": text("request") },
    kinds,
    ...(form.kind === "http" ? httpFields(parts, text) : callFields(parts, text)),
    bodyFields(parts, text),
    element(
      "div",
      { class: "actions" },
      state.canSave
        ? button(text("saveSample"), parts.saveSample, { class: "secondary" })
        : undefined,
      form.kind === "http"
        ? button(text("copyCurl"), parts.copyCurl, { class: "secondary" })
        : undefined,
    ),
  );
}

type Text = (key: string) => string;

function httpFields(parts: RequestViewParts, text: Text): HTMLElement[] {
  const { form, state, edit } = parts;
  const methods = [...new Set([form.method, ...METHODS])];
  const params = parameterFields(form, text, edit);
  const changed = (path: string): void => {
    edit(() => ({ path }));
    params.draw(path);
  };
  const path = field("input", text("path"), form.path, changed, { class: "path", list: "plugs" });
  const plugs = element(
    "datalist",
    { id: "plugs" },
    ...state.plugs.map((plug) =>
      element("option", { value: plug.path }, plug.method.toUpperCase()),
    ),
  );
  const target = element(
    "div",
    { class: "target" },
    select(
      text("method"),
      methods.map((value) => ({ value, text: value })),
      form.method,
      (method) => edit(() => ({ method })),
    ),
    path,
    plugs,
    sendButton(parts, text),
  );
  return [
    target,
    params.element,
    pairFields("query", form.query, text, edit),
    pairFields("headers", form.headers, text, edit),
  ];
}

/**
 * Fields of the path's parameters. They alone are drawn anew while the path is typed: drawing
 * everything would take the cursor away, and the Send button from under the pointer.
 */
function parameterFields(form: RequestForm, text: Text, edit: Edit) {
  const box = element("div");
  let values = form.pathParams;
  const change = (name: string, value: string): void => {
    values = { ...values, [name]: value };
    edit((now) => ({ pathParams: { ...now.pathParams, [name]: value } }));
  };
  const row = (name: string): HTMLElement =>
    element(
      "label",
      { class: "row" },
      element("span", { class: "name" }, name),
      field("input", name, values[name] ?? "", (value) => change(name, value)),
    );
  const draw = (path: string): void => {
    const names = pathParameters(path);
    const legend = element("legend", {}, text("pathParams"));
    box.replaceChildren(
      ...(names.length > 0 ? [element("fieldset", {}, legend, ...names.map(row))] : []),
    );
  };
  draw(form.path);
  return { element: box, draw };
}

function callFields(parts: RequestViewParts, text: Text): HTMLElement[] {
  const { form, edit } = parts;
  const start = field("input", text("startFunction"), form.startFunction, (startFunction) =>
    edit(() => ({ startFunction })),
  );
  const given =
    form.kind === "direct"
      ? field("input", text("arguments"), form.arguments, (value) =>
          edit(() => ({ arguments: value })),
        )
      : field("textarea", text("posixArguments"), form.posixArguments, (posixArguments) =>
          edit(() => ({ posixArguments })),
        );
  return [
    element("div", { class: "target" }, start, sendButton(parts, text)),
    element("fieldset", {}, element("legend", {}, text("arguments")), given),
    pairFields("headers", form.headers, text, edit),
  ];
}

function sendButton({ state, send, cancel }: RequestViewParts, text: Text): HTMLElement {
  return state.busy
    ? button(text("cancel"), cancel, { class: "send secondary", "data-key": "send" })
    : button(text("send"), send, {
        class: "send",
        title: text("sendHint"),
        "data-key": "send",
      });
}

function pairFields(which: "query" | "headers", pairs: Pairs, text: Text, edit: Edit): HTMLElement {
  const title = text(which);
  const update = (change: (pairs: Pairs) => Pairs, again: boolean): void =>
    edit((form) => ({ [which]: change(form[which]) }), again);
  const replace = (index: number, side: 0 | 1, to: string): void =>
    update(
      (now) =>
        now.map((pair, i) => (i !== index ? pair : side === 0 ? [to, pair[1]] : [pair[0], to])),
      false,
    );
  const rows = pairs.map(([name, value], index) =>
    element(
      "div",
      { class: "row" },
      field("input", text("name"), name, (to) => replace(index, 0, to), { class: "name" }),
      field("input", text("value"), value, (to) => replace(index, 1, to)),
      button("×", () => update((now) => now.filter((_, i) => i !== index), true), {
        class: "icon",
        "aria-label": `${text("remove")} ${name}`,
      }),
    ),
  );
  const count = pairs.length > 0 ? ` (${pairs.length})` : "";
  return element(
    "fieldset",
    {},
    element("legend", {}, `${title}${count}`),
    ...rows,
    button(`+ ${text("add")}`, () => update((now) => [...now, ["", ""]], true), {
      class: "link",
      "aria-label": `${text("add")}: ${title}`,
    }),
  );
}

function bodyFields(parts: RequestViewParts, text: Text): HTMLElement {
  const { form } = parts;
  const kind = select(
    text("bodyKind"),
    BODY_KINDS.map((value) => ({ value, text: text(`body.${value}`) })),
    form.bodyKind,
    (value) => {
      const bodyKind = BODY_KINDS.find((one) => one === value) ?? "none";
      parts.edit(() => ({ bodyKind }), true);
    },
  );
  const single = form.bodyKind === "file";
  const body =
    form.bodyKind === "none"
      ? undefined
      : field(
          single ? "input" : "textarea",
          single ? text("bodyFile") : text("body"),
          form.body,
          (value) => parts.edit(() => ({ body: value })),
          { class: "body" },
        );
  const choose = single
    ? button(text("chooseFile"), parts.chooseFile, { class: "secondary" })
    : undefined;
  return element("fieldset", {}, element("legend", {}, text("body")), kind, body, choose);
}
