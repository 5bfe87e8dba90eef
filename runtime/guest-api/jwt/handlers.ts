import { bind } from "../define.ts";
import { jwt } from "./api.ts";

/** The module `jwt` with its host side. */
export const boundJwt = bind(jwt, {
  verify_jwt: (context, token) => context.host.verifyJwt(token),
});
