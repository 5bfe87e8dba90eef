import type { Builder } from "./builder.ts";

/** Content type of the empty blob that a static site's name points at. */
const STATIC_SITE_TYPE = "application/x-moc-static-site";

/** Nothing is built: the manifest's files are all there is. */
export const staticSite: Builder = {
  language: "static-site",
  defaultSources: [],
  check: async () => ({ ok: true, tool: "no compiler needed" }),
  build: async () => ({
    ok: true,
    artifact: new Uint8Array(),
    contentType: STATIC_SITE_TYPE,
    diagnostics: [],
    durationMs: 0,
    toolVersion: "files only",
  }),
};
