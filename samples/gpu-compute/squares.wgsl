// Squares every number of an array. There is nothing to declare: the one array that the shader
// changes takes the body of the request and is the answer, with one invocation for each element.

@group(0) @binding(0) var<storage, read_write> numbers: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  // The last workgroup may reach beyond the end.
  if (id.x < arrayLength(&numbers)) {
    numbers[id.x] *= numbers[id.x];
  }
}
