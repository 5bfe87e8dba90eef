import type { SectionID } from "../sections.ts";
import type { MakeView } from "../view.ts";
import { Overview } from "./overview.ts";

/** The view of each section. */
export const VIEWS: { readonly [section in SectionID]: MakeView } = {
  overview: (app) => new Overview(app),
};
