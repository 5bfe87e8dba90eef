import type { GuestModule } from "../define.ts";

/** Module `jwt`: tokens of the issuers that the operator trusts. */
export const jwt = {
  name: "jwt",
  aliases: [],
  doc: "Verification of JSON Web Tokens against the issuers given to the runtime (--jwt-issuer).",
  functions: {
    verify_jwt: {
      params: [{ name: "jwt", type: "string" }],
      result: "string",
      waits: true,
      doc: "Checks signature, issuer and times of a token (RFC 7519).",
      returns: "the claims as JSON text; a failure if the token is not to be trusted",
    },
  },
} as const satisfies GuestModule;
