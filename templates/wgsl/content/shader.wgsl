// A compute shader is a function: GET /{{name}}?time=2&zoom=6 answers the picture that it draws.
//
// What the platform finds by itself: the members of `settings` are filled from the query (or a JSON
// body), the texture that is written is the answer, and `main` runs once for each of its pixels.
// What it cannot know stands in moc.json: defaults, limits, the size of the picture.

struct Settings {
  time: f32,
  zoom: f32,
}

@group(0) @binding(0) var<uniform> settings: Settings;
@group(0) @binding(1) var picture: texture_storage_2d<rgba32float, write>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = vec2f(textureDimensions(picture));
  let at = (vec2f(id.xy) + 0.5 - size / 2) / size.y * settings.zoom;

  // Three waves that cross each other.
  let wave = sin(at.x + settings.time) + sin(at.y * 1.3 - settings.time) + sin(length(at) * 2);
  let colour = 0.5 + 0.5 * cos(wave + vec3f(0, 2, 4));

  textureStore(picture, id.xy, vec4f(colour, 1));
}
