import { boundCore } from "./core/handlers.ts";
import type { BoundModule } from "./define.ts";
import { boundGpu } from "./gpu/handlers.ts";
import { boundJwt } from "./jwt/handlers.ts";
import { boundPlatform } from "./platform/handlers.ts";

/** All guest API modules with their implementations. */
export const BOUND_MODULES: readonly BoundModule[] = [boundCore, boundJwt, boundGpu, boundPlatform];
