/** Keeps the keyboard's place while the page is drawn anew, and moves it with the arrow keys. */

/** Where the keyboard was. */
interface FocusPlace {
  readonly key: string;
  /** Which one of those with the same key. */
  readonly index: number;
  readonly selection?: readonly [start: number, end: number];
}

/** The place of the element with the focus; undefined when none of ours has it. */
export function focusPlace(): FocusPlace | undefined {
  const active = document.activeElement;
  const key = active instanceof HTMLElement ? active.dataset.key : undefined;
  if (!active || key === undefined) return undefined;
  const index = withKey(key).indexOf(active as HTMLElement);
  const isText = active instanceof HTMLInputElement || active instanceof HTMLTextAreaElement;
  if (!isText) return { key, index };
  const { selectionStart, selectionEnd } = active;
  return { key, index, selection: [selectionStart ?? 0, selectionEnd ?? 0] };
}

/** Gives the focus back to what stands where it was. */
export function restoreFocus(place: FocusPlace | undefined): void {
  if (!place) return;
  const found = withKey(place.key);
  const element = found[place.index] ?? found.at(-1);
  element?.focus();
  const isText = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
  if (isText && place.selection) element.setSelectionRange(...place.selection);
}

/**
 * Makes a group of buttons one stop for the Tab key: arrow keys, Home and End go from one to the
 * other and choose it (ARIA practices for tabs and radio groups).
 */
export function arrowKeys(group: HTMLElement, chosen: HTMLElement | undefined): void {
  const items = [...group.querySelectorAll<HTMLElement>("button")];
  for (const item of items) item.tabIndex = item === (chosen ?? items[0]) ? 0 : -1;
  group.addEventListener("keydown", (event) => {
    const at = items.indexOf(event.target as HTMLElement);
    const to = target(event.key, at, items.length);
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const item = items[to];
    item?.focus();
    item?.click();
  });
}

function target(key: string, at: number, count: number): number | undefined {
  if (key === "ArrowRight" || key === "ArrowDown") return (at + 1) % count;
  if (key === "ArrowLeft" || key === "ArrowUp") return (at + count - 1) % count;
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : undefined;
}

function withKey(key: string): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-key]")].filter(
    ({ dataset }) => dataset.key === key,
  );
}
