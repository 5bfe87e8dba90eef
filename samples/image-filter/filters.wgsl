// Filters for pictures: a PNG comes in as a texture, the texture that is written goes out as a PNG of
// the same size. Each entry point is a filter, and moc.json plugs each at a path of its own.

struct Settings {
  strength: f32,
}

@group(0) @binding(0) var picture: texture_2d<f32>;
@group(0) @binding(1) var<uniform> settings: Settings;
@group(0) @binding(2) var filtered: texture_storage_2d<rgba8unorm, write>;

/// A pixel of the picture; beyond the border the nearest one.
fn pixel(at: vec2i) -> vec4f {
  let last = vec2i(textureDimensions(picture)) - 1;
  return textureLoad(picture, clamp(at, vec2i(0), last), 0);
}

/// The weighted mean of a pixel and its neighbours.
fn mean(at: vec2i, radius: i32, deviation: f32) -> vec4f {
  var sum = vec4f(0);
  var weights = 0.0;
  for (var y = -radius; y <= radius; y++) {
    for (var x = -radius; x <= radius; x++) {
      let weight = exp(-f32(x * x + y * y) / (2 * deviation * deviation));
      sum += weight * pixel(at + vec2i(x, y));
      weights += weight;
    }
  }
  return sum / weights;
}

fn brightness(colour: vec4f) -> f32 {
  return dot(colour.rgb, vec3f(0.2126, 0.7152, 0.0722));
}

@compute @workgroup_size(8, 8)
fn blur(@builtin(global_invocation_id) id: vec3u) {
  let deviation = max(settings.strength * 2, 0.1);
  let radius = i32(ceil(deviation * 2));
  textureStore(filtered, id.xy, mean(vec2i(id.xy), radius, deviation));
}

@compute @workgroup_size(8, 8)
fn sharpen(@builtin(global_invocation_id) id: vec3u) {
  let colour = pixel(vec2i(id.xy));
  let detail = colour.rgb - mean(vec2i(id.xy), 2, 1.2).rgb;
  textureStore(filtered, id.xy, vec4f(colour.rgb + detail * settings.strength * 1.5, colour.a));
}

@compute @workgroup_size(8, 8)
fn edges(@builtin(global_invocation_id) id: vec3u) {
  let at = vec2i(id.xy);
  // Sobel's operator: how fast the brightness changes to the right and downwards.
  var slope = vec2f(0);
  for (var i = -1; i <= 1; i++) {
    let weight = f32(2 - abs(i));
    slope.x += weight * (brightness(pixel(at + vec2i(1, i))) - brightness(pixel(at + vec2i(-1, i))));
    slope.y += weight * (brightness(pixel(at + vec2i(i, 1))) - brightness(pixel(at + vec2i(i, -1))));
  }
  textureStore(filtered, id.xy, vec4f(vec3f(length(slope) * settings.strength), pixel(at).a));
}

@compute @workgroup_size(8, 8)
fn sepia(@builtin(global_invocation_id) id: vec3u) {
  let colour = pixel(vec2i(id.xy));
  let toned = brightness(colour) * vec3f(1.2, 1.0, 0.8);
  textureStore(filtered, id.xy, vec4f(mix(colour.rgb, toned, min(settings.strength, 1)), colour.a));
}
