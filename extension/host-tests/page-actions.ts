/** Begins a line of the console that asks for something to be done in the page. */
export const PAGE_MARK = "@@page ";

export interface PageAction {
  readonly kind: "click" | "fill" | "press" | "read";
  /** Of the first element that it is done to; for `press` the key. */
  readonly selector: string;
  /** What the element holds; for `fill` what is typed. */
  readonly text?: string;
}

export interface PageRequest {
  /** Where the answer is written. */
  readonly file: string;
  readonly action: PageAction;
}

export interface PageAnswer {
  readonly text?: string;
  readonly error?: string;
}
