import { bind } from "../define.ts";
import { jwt } from "./api.ts";

export const boundJwt = bind(jwt, {
  verify_jwt: (context, token) => context.host.verifyJwt(token),
});
