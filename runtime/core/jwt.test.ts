import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { exportJWK, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from "jose";
import { JwtVerifier, parseIssuers } from "./jwt.ts";

const ISSUER = "https://id.example/?a=b";

async function keyPair(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: "ES256" } };
}

/** Serves a key set and counts how often it was asked for. */
async function serveKeys(t: TestContext, keys: JWK[]) {
  let asked = 0;
  const server = createServer((_, response) => {
    asked++;
    response.setHeader("content-type", "application/json").end(JSON.stringify({ keys }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/jwks.json`, asked: () => asked };
}

test("tokens of a trusted issuer give their claims; all others are refused with the reason", async (t) => {
  const key = await keyPair("one");
  const stranger = await keyPair("one");
  const { url, asked } = await serveKeys(t, [key.jwk]);
  const verifier = new JwtVerifier(parseIssuers([`${ISSUER}=${url}`]));
  const token = (signer = key, issuer = ISSUER, expires = "1h") =>
    new SignJWT({ sub: "ann", role: "x" })
      .setProtectedHeader({ alg: "ES256", kid: signer.kid })
      .setIssuer(issuer)
      .setExpirationTime(expires)
      .sign(signer.privateKey);

  const claims = JSON.parse(await verifier.verify(await token()));
  assert.equal(claims.sub, "ann");
  assert.equal(claims.iss, ISSUER);
  await verifier.verify(await token());
  assert.equal(asked(), 1, "the keys are kept");

  const secret = new TextEncoder().encode("0".repeat(32));
  const symmetric = new SignJWT({}).setProtectedHeader({ alg: "HS256" }).setIssuer(ISSUER);
  const refused: readonly [string, RegExp][] = [
    [await token(stranger), /signature is wrong/],
    [await token({ ...key, kid: "two" }), /no key of issuer/],
    [await token(key, "https://evil.example"), /'https:\/\/evil.example' is not trusted/],
    [await token(key, ISSUER, "-1h"), /expired/],
    [`${(await token()).slice(0, -10)}AAAAAAAAAA`, /signature is wrong/],
    [new UnsecuredJWT({}).setIssuer(ISSUER).encode(), /refused/],
    [await symmetric.sign(secret), /refused/],
    ["a.b.c", /not a JSON Web Token/],
    ["", /not a JSON Web Token/],
    ["x".repeat(100_000), /too long/],
  ];
  for (const [bad, message] of refused) {
    await assert.rejects(verifier.verify(bad), { code: "MOC_UNAUTHORIZED", message });
  }
});

test("keys that cannot be fetched are the system's trouble, not the token's", async () => {
  const key = await keyPair("one");
  const verifier = new JwtVerifier(parseIssuers([`${ISSUER}=http://127.0.0.1:1/jwks.json`]));
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: "ES256", kid: "one" })
    .setIssuer(ISSUER)
    .sign(key.privateKey);
  await assert.rejects(verifier.verify(token), {
    code: "MOC_OUTBOUND_FAILED",
    message: /id.example/,
  });
});

test("options that do not name issuer and URL are refused", () => {
  for (const bad of ["", "issuer", "issuer=", "=https://x", "issuer=ftp://x", "issuer=https://"]) {
    assert.throws(() => parseIssuers([bad]), {
      code: "MOC_BAD_REQUEST",
      message: /ISSUER=JWKS_URL/,
    });
  }
});
