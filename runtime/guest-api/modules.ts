import { core } from "./core/api.ts";
import type { GuestModule } from "./define.ts";
import { gpu } from "./gpu/api.ts";
import { jwt } from "./jwt/api.ts";
import { platform } from "./platform/api.ts";

/** All guest API modules. A new one is a folder and a line here and in bound-modules.ts. */
export const MODULES: readonly GuestModule[] = [core, jwt, gpu, platform];
