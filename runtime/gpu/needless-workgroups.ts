import type { ShaderBinding } from "../protocol/gpu.ts";

const ID = "gl_GlobalInvocationID_1";
/** How the translation writes `ivec2(gl_GlobalInvocationID.x, gl_GlobalInvocationID.y)`, or `.xy`. */
const OWN_PIXEL = [
  `vec2<i32>(bitcast<i32>(${ID}[0u]), bitcast<i32>(${ID}[1u])), `,
  `bitcast<vec2<i32>>(${ID}.xy), `,
];
/** What lets invocations see each other's work. */
const SHARED_WORK = /var<workgroup>|Barrier\(|\bsubgroup|\batomic/;

/**
 * The texture outside of which a translated shader's invocations have no effect: it is the only
 * thing that is written, each invocation writes its own pixel, and pixels outside are dropped.
 *
 * OpenGL programs count in pixels where they should count in workgroups; the original's own example
 * dispatches 256 times as many invocations as its picture has pixels, which takes a processor a
 * minute. What is not recognized with certainty runs as it was asked for.
 */
export function writtenPixelByPixel(
  wgsl: string,
  bindings: readonly ShaderBinding[],
): ShaderBinding | undefined {
  const written = bindings.filter((one) => "access" in one && one.access !== "read");
  const [texture, ...others] = written;
  if (texture?.kind !== "storage-texture" || texture.access !== "write") return undefined;
  if (others.length > 0 || SHARED_WORK.test(wgsl)) return undefined;
  const stores = [...wgsl.matchAll(/textureStore\(\w+, /g)];
  const own = stores.every((store) => {
    const end = store.index + store[0].length;
    const start = wgsl.lastIndexOf("\nfn ", end);
    const coordinates = withIDsInPlace(
      wgsl.slice(end, wgsl.indexOf("\n", end)),
      wgsl.slice(start, end),
    );
    return OWN_PIXEL.some((text) => coordinates.startsWith(text));
  });
  return own ? texture : undefined;
}

/** Puts the invocation's id where a name of the same function stands for it. */
function withIDsInPlace(expression: string, scope: string): string {
  return expression.replace(/\b_e\d+\b/g, (name) => {
    const value = new RegExp(`let ${name} = (.*);`).exec(scope)?.[1] ?? "";
    return value.startsWith(ID) ? value : name;
  });
}
