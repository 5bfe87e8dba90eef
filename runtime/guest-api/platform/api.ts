import type { GuestModule } from "../define.ts";

/** Module `platform`: what the platform's own guest functions are made of. */
export const platform = {
  name: "platform",
  aliases: [],
  doc: "Reads and changes of the platform. Every function needs the platform capability.",
  functions: {
    request: {
      params: [
        { name: "operation", type: "string", doc: "see runtime/core/platform-operations.ts" },
        { name: "argument_json", type: "string" },
        { name: "body_buffer_id", type: "int", doc: "buffer with bytes for it, or -1" },
      ],
      result: "string",
      waits: true,
      doc: "Carries out a platform operation that answers with JSON.",
      returns: "JSON text",
    },
    open: {
      params: [
        { name: "operation", type: "string", doc: "see runtime/core/platform-operations.ts" },
        { name: "argument_json", type: "string" },
        { name: "output_buffer_id", type: "buffer_id", doc: "takes the bytes" },
      ],
      result: "int",
      waits: true,
      doc: "Carries out a platform operation that answers with bytes and copies them, as they arrive, into a buffer (blob content, backup, event stream).",
      returns: "0",
    },
  },
} as const satisfies GuestModule;
