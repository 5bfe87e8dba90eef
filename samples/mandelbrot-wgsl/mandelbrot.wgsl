// moc: {
//   "parameters": {
//     "x": { "default": -0.6, "description": "real part of the middle" },
//     "y": { "default": 0, "description": "imaginary part of the middle" },
//     "span": { "default": 3, "min": 0.00001, "max": 10, "description": "width of what is seen" },
//     "iterations": { "default": 200, "min": 1, "max": 5000, "step": 1 },
//     "width": { "default": 768, "min": 1, "max": 4096, "step": 1 },
//     "height": { "default": 512, "min": 1, "max": 4096, "step": 1 }
//   }
// }
// That is the whole declaration. The shader itself says the rest: `view` is filled from parameters of
// the same names, `picture` is written and so is the answer, one invocation for each pixel.

struct View {
  x: f32,
  y: f32,
  span: f32,
  iterations: f32,
}

@group(0) @binding(0) var<uniform> view: View;
@group(0) @binding(1) var picture: texture_storage_2d<rgba32float, write>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = vec2f(textureDimensions(picture));
  // Pixels are square, whatever the picture is; y grows upwards.
  let from_middle = (vec2f(id.xy) + 0.5 - size / 2) * vec2f(1, -1);
  let c = vec2f(view.x, view.y) + from_middle * view.span / size.x;

  var z = vec2f(0);
  var steps = 0.0;
  while (steps < view.iterations && dot(z, z) < 256.0) {
    z = vec2f(z.x * z.x - z.y * z.y, 2 * z.x * z.y) + c;
    steps += 1.0;
  }
  var colour = vec3f(0);
  if (steps < view.iterations) {
    // How far outside it was when it left, so that colours change smoothly.
    let smooth_steps = steps + 1.0 - log2(log2(dot(z, z)) / 2.0);
    colour = 0.5 + 0.5 * cos(6.2832 * (smooth_steps * 0.02 + vec3f(0.6, 0.7, 0.8)));
  }
  textureStore(picture, id.xy, vec4f(colour, 1.0));
}
