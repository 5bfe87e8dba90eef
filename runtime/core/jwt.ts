import { createRemoteJWKSet, decodeJwt, errors, type JWTPayload, jwtVerify } from "jose";
import { MocError } from "../protocol/errors.ts";
import { PLATFORM_LIMITS } from "../protocol/limits.ts";

/** Signatures made with a private key only: a JWKS holds no shared secrets. */
const ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];
const FETCH_MS = 5000;
/** An unknown key id fetches the set anew, at most this often. */
const COOLDOWN_MS = 10_000;
const CACHE_MS = 10 * 60_000;
const CLOCK_TOLERANCE_S = 30;

type KeySet = ReturnType<typeof createRemoteJWKSet>;

/**
 * Reads `--jwt-issuer ISSUER=JWKS_URL`, as often as it was given.
 * @throws MOC_BAD_REQUEST
 */
export function parseIssuers(options: readonly string[]): ReadonlyMap<string, URL> {
  const issuers = new Map<string, URL>();
  for (const option of options) {
    // An issuer is a URL itself and may hold `=`; the JWKS URL begins behind the last `=http`.
    const match = /^(.+)=(https?:\/\/.+)$/.exec(option);
    const url = match?.[2];
    if (!match?.[1] || !url || !URL.canParse(url)) {
      throw new MocError(
        "MOC_BAD_REQUEST",
        `--jwt-issuer '${option}' must have the form ISSUER=JWKS_URL, such as https://id.example=https://id.example/jwks.json`,
      );
    }
    issuers.set(match[1], new URL(url));
  }
  return issuers;
}

/** Verifies tokens of the issuers that the operator trusts. */
export class JwtVerifier {
  readonly #keySets: ReadonlyMap<string, KeySet>;

  constructor(issuers: ReadonlyMap<string, URL>) {
    this.#keySets = new Map(
      [...issuers].map(([issuer, url]) => [
        issuer,
        createRemoteJWKSet(url, {
          timeoutDuration: FETCH_MS,
          cooldownDuration: COOLDOWN_MS,
          cacheMaxAge: CACHE_MS,
        }),
      ]),
    );
  }

  /**
   * Checks signature, issuer and times (RFC 7519).
   * @returns the claims as JSON
   * @throws MOC_UNAUTHORIZED saying why; MOC_OUTBOUND_FAILED when the keys cannot be had
   */
  async verify(token: string): Promise<string> {
    const issuer = issuerOf(token);
    const keys = this.#keySets.get(issuer);
    if (!keys) {
      throw refused(
        `issuer '${issuer.slice(0, 200)}' is not trusted here; start the runtime with --jwt-issuer ISSUER=JWKS_URL`,
      );
    }
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_S,
      });
      return JSON.stringify(payload);
    } catch (error) {
      throw translate(error, issuer);
    }
  }
}

function issuerOf(token: string): string {
  if (token.length > PLATFORM_LIMITS.tokenLength.value) throw refused("it is too long");
  let payload: JWTPayload;
  try {
    payload = decodeJwt(token);
  } catch (error) {
    throw refused("it is not a JSON Web Token", error);
  }
  if (typeof payload.iss !== "string" || payload.iss === "") throw refused("it names no issuer");
  return payload.iss;
}

function translate(error: unknown, issuer: string): MocError {
  if (error instanceof errors.JWTExpired) return refused("it has expired", error);
  if (error instanceof errors.JWTClaimValidationFailed) {
    return refused(`its claim '${error.claim}' does not hold`, error);
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return refused("its signature is wrong", error);
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    return refused(`no key of issuer '${issuer}' fits it`, error);
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return refused("its algorithm is not allowed", error);
  }
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid) {
    return refused("it is malformed", error);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new MocError(
    "MOC_OUTBOUND_FAILED",
    `the keys of issuer '${issuer}' could not be fetched: ${reason}`,
    { cause: error },
  );
}

function refused(reason: string, cause?: unknown): MocError {
  return new MocError("MOC_UNAUTHORIZED", `the token is refused: ${reason}`, { cause });
}
