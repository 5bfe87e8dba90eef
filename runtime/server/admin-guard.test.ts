import assert from "node:assert/strict";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, it } from "node:test";
import { AdminGuard } from "./admin-guard.ts";
import { OwnHosts } from "./own-hosts.ts";
import { Sessions } from "./session.ts";

/** What a listener on this machine only cannot show: requests that came over the network. */
describe("admin guard", () => {
  const token = "the-token";
  const guard = (auth: "token" | "none") =>
    new AdminGuard({
      hosts: new OwnHosts(["box.example"], () => ({ https: 8443, http: 8080 })),
      sessions: new Sessions(token),
      token,
      auth,
    });

  it("lets a peer elsewhere in with the token, by https only", () => {
    const request = requestFrom("192.0.2.7", {
      host: "box.example:8443",
      authorization: `Bearer ${token}`,
    });
    assert.throws(() => guard("token").check(request, "api"), /use https/);
    Object.defineProperty(request.socket, "encrypted", { value: true });
    assert.doesNotThrow(() => guard("token").check(request, "api"));
  });

  it("lets nobody elsewhere in without authentication", () => {
    for (const address of ["192.0.2.7", "2001:db8::1", "::ffff:192.0.2.7", undefined]) {
      const request = requestFrom(address, { host: "box.example:8443" });
      Object.defineProperty(request.socket, "encrypted", { value: true });
      assert.throws(() => guard("none").check(request, "api"), { code: "MOC_FORBIDDEN" });
    }
    for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
      assert.doesNotThrow(() =>
        guard("none").check(requestFrom(address, { host: "localhost:8080" }), "api"),
      );
    }
  });
});

function requestFrom(
  address: string | undefined,
  headers: Record<string, string>,
): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, "remoteAddress", { value: address });
  const request = new IncomingMessage(socket);
  request.method = "GET";
  Object.assign(request.headers, headers);
  return request;
}
