/** The parts of the dashboard, in the order of its navigation. */
export const SECTIONS = [
  { id: "overview", title: "Overview" },
  { id: "functions", title: "Functions" },
  { id: "plugs", title: "Plugs" },
  { id: "kv", title: "Key-value" },
  { id: "gpu", title: "GPU" },
  { id: "calls", title: "Calls" },
  { id: "logs", title: "Logs" },
  { id: "invoke", title: "Invoke" },
  { id: "backup", title: "Backup" },
] as const;

/** Name of a section, as it stands in the address. */
export type SectionID = (typeof SECTIONS)[number]["id"];

/** Where the user is: a section, and what of it (a function's name, a call's id, a key prefix). */
export interface Place {
  readonly section: SectionID;
  readonly detail: string;
}

/** What sections were called once: bookmarks and kept places lead on. */
const FORMER: Readonly<Record<string, SectionID>> = { routes: "plugs" };

/** `#functions/hello` to a place; anything unknown is the overview. */
export function parsePlace(hash: string): Place {
  const [section = "", ...rest] = hash.replace(/^#/, "").split("/");
  const id = Object.hasOwn(FORMER, section) ? FORMER[section] : section;
  const known = SECTIONS.find((one) => one.id === id);
  const detail = decode(rest.join("/"));
  return known ? { section: known.id, detail } : { section: "overview", detail: "" };
}

/** The place as the fragment of an address. */
export function placeHash(place: Place): string {
  return place.detail === ""
    ? `#${place.section}`
    : `#${place.section}/${encodeURIComponent(place.detail)}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
