import { boolean, call, type Done, optional } from "./rest-vocabulary.ts";

/** Calls of the REST API about the platform as a whole. */
export const ADMIN_CALLS = {
  backup: call<never>()("GET", "/admin/backup", {
    summary: "Everything as one tar.gz, from a snapshot, while the runtime goes on.",
    answer: "bytes",
  }),
  restore: call<Done & { readonly entries: number }>()("POST", "/admin/restore", {
    summary:
      "Replace everything by a backup or an export-database; checked whole before anything changes.",
    body: "bytes",
  }),
  removeUnusedBlobs: call<Done & { readonly blobs: number; readonly bytes: number }>()(
    "POST",
    "/admin/remove-unused-blobs",
    {
      summary:
        "Remove blobs that no name, kept version, plug or filter refers to, and nobody asked for within the hour.",
      body: { dry_run: optional(boolean("true: only count them")) },
    },
  ),
  signInLink: call<Done & { readonly path: string }>()("POST", "/admin/sign-in-link", {
    summary: "Path of a link that signs one browser in to the dashboard, once, within two minutes.",
  }),
  stop: call<Done>()("POST", "/admin/stop", { summary: "Stop the runtime gracefully." }),
} as const;
