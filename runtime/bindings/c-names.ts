import type { GuestModule } from "../guest-api/define.ts";

/** Functions whose import names are those of C library functions with other parameters. */
const C_LIBRARY = new Set(["log", "sleep", "open"]);

/** Name of the raw import in C: the import's own, except where the C library has it already. */
export function rawName(module: GuestModule, name: string): string {
  return C_LIBRARY.has(name) ? `${module.name}_${name}` : name;
}

/** Name of the idiomatic form: `moc_persistence_get`, `moc_gpu_compute_shader`. */
export function wrapperName(module: GuestModule, name: string): string {
  return module.name === "core" ? `moc_${name}` : `moc_${module.name}_${name}`;
}
