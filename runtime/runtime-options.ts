import type { FunctionLimits } from "./protocol/limits.ts";

/** How an operator wants the runtime; everything has a default but the folder. */
export interface RuntimeOptions {
  /** Holds everything; made when absent. */
  readonly dataFolder: string;
  /** https port; 0 picks one. Default 8443. */
  readonly port?: number | undefined;
  /** Address to bind; absent: this machine only. */
  readonly bind?: string | undefined;
  /** Port of plain http beside https; absent: none. */
  readonly httpPort?: number | undefined;
  /** PEM files of an own certificate. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** Names beside localhost under which the platform is reached. */
  readonly hostNames?: readonly string[];
  /** `HOST[:PORT]` that guests may reach beside public addresses. */
  readonly allowOutbound?: readonly string[];
  /** PEM file with further authorities for outgoing https. */
  readonly outboundCaFile?: string | undefined;
  readonly adminAuth?: "token" | "none";
  readonly trace?: boolean;
  /** Keep headers and first bytes of recent calls in memory, to be looked at. Default true. */
  readonly exchanges?: boolean;
  /** `ISSUER=JWKS_URL` whose tokens the jwt module trusts. */
  readonly jwtIssuers?: readonly string[];
  /** Executors alive at once. Default 64. */
  readonly executorsMax?: number | undefined;
  /** Executors of one function at once. Default: processor cores, at least 2. */
  readonly executorsPerFunction?: number | undefined;
  /** Memory of all guests together, in MiB. Default: half of what the process may have. */
  readonly guestMemoryMiB?: number | undefined;
  /** Highest limits that functions may ask for. */
  readonly ceilings?: Partial<FunctionLimits>;
  /** Part of a GPU adapter's name, or `software`. */
  readonly gpuAdapter?: string | undefined;
}

/** Of https, as in the original. */
export const DEFAULT_PORT = 8443;
/** Executors alive at once; each is a thread of 10 to 25 MiB. */
export const DEFAULT_EXECUTORS = 64;
