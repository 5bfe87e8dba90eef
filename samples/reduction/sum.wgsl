// The sum of many numbers in two passes. Workgroups cannot wait for each other, so each leaves the
// sum of its part in a buffer that stays on the GPU, and a second pass adds those up. What moc.json
// declares is only what no shader can say: the passes, and how many parts there are.

@group(0) @binding(0) var<storage, read> numbers: array<f32>;
@group(0) @binding(1) var<storage, read_write> partial_sums: array<f32>;
@group(0) @binding(2) var<storage, read_write> total: f32;

const SIZE = 256u;
var<workgroup> sums: array<f32, SIZE>;

/// Adds up what the invocations of a workgroup hold, in a tree: 8 steps instead of 255.
fn add_up(own: f32, local: u32) -> f32 {
  sums[local] = own;
  for (var half = SIZE / 2; half > 0; half /= 2) {
    workgroupBarrier();
    if (local < half) {
      sums[local] += sums[local + half];
    }
  }
  workgroupBarrier();
  return sums[0];
}

@compute @workgroup_size(SIZE)
fn sum_parts(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(local_invocation_index) local: u32,
  @builtin(workgroup_id) part: vec3u,
) {
  // Neighbours read neighbouring numbers: that is what memory is fast at.
  let stride = SIZE * arrayLength(&partial_sums);
  var own = 0.0;
  for (var i = id.x; i < arrayLength(&numbers); i += stride) {
    own += numbers[i];
  }
  let sum = add_up(own, local);
  if (local == 0) {
    partial_sums[part.x] = sum;
  }
}

@compute @workgroup_size(SIZE)
fn sum_all(@builtin(local_invocation_index) local: u32) {
  var own = 0.0;
  if (local < arrayLength(&partial_sums)) {
    own = partial_sums[local];
  }
  let sum = add_up(own, local);
  if (local == 0) {
    total = sum;
  }
}
