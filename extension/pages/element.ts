type Attributes = Readonly<Record<string, string | boolean | undefined>>;
type Child = Node | string | undefined;

/** Makes an element: attributes by name (`true` for bare ones, undefined leaves out), then children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (typeof value === "string") made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** A button that says what it does. `data-key` is its name for focus.ts; default: its label. */
export function button(label: string, run: () => void, attributes: Attributes = {}): HTMLElement {
  const key = attributes["aria-label"] ?? label;
  const made = element("button", { type: "button", "data-key": key, ...attributes }, label);
  made.addEventListener("click", run);
  return made;
}

/** A list to choose from. */
export function select(
  label: string,
  options: readonly { readonly value: string; readonly text: string }[],
  value: string,
  changed: (value: string) => void,
): HTMLSelectElement {
  const made = element(
    "select",
    { "aria-label": label, title: label, "data-key": label },
    ...options.map((one) =>
      element("option", { value: one.value, selected: one.value === value }, one.text),
    ),
  );
  made.addEventListener("change", () => changed(made.value));
  return made;
}

/** A line or an area of text. */
export function field(
  kind: "input" | "textarea",
  label: string,
  value: string,
  changed: (value: string) => void,
  attributes: Attributes = {},
): HTMLInputElement | HTMLTextAreaElement {
  const made = element(kind, {
    "aria-label": label,
    "data-key": label,
    placeholder: label,
    spellcheck: "false",
    ...attributes,
  });
  made.value = value;
  made.addEventListener("input", () => changed(made.value));
  return made;
}
