/**
 * Content types that some engine runs, known without loading the engines (the main thread never
 * does). A test compares it with what the engines say.
 */
export const ENGINE_CONTENT_TYPES: readonly string[] = [
  "application/wasm",
  "text/javascript",
  "application/javascript",
  "text/ecmascript",
  "text/wgsl",
  "text/glsl",
  "text/x-glsl-compute",
];
