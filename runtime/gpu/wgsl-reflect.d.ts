/** The package's own entry for Node cannot be loaded (CommonJS marked as a module); this one can. */
declare module "wgsl_reflect/wgsl_reflect.module.js" {
  export * from "wgsl_reflect";
}
