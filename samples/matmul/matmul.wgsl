// The product of two matrices, row by row in memory. Each workgroup computes a tile of 16 x 16 and
// brings the tiles that it needs into its own fast memory first, so that each number is read from
// the buffers once instead of 16 times.

struct Shape {
  rows: u32,
  inner: u32,
  columns: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> product: array<f32>;

const TILE = 16u;
var<workgroup> tile_a: array<array<f32, TILE>, TILE>;
var<workgroup> tile_b: array<array<f32, TILE>, TILE>;

@compute @workgroup_size(TILE, TILE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_id) local: vec3u) {
  var sum = 0.0;
  for (var start = 0u; start < shape.inner; start += TILE) {
    tile_a[local.y][local.x] = element_of_a(id.y, start + local.x);
    tile_b[local.y][local.x] = element_of_b(start + local.y, id.x);
    workgroupBarrier();
    for (var i = 0u; i < TILE; i++) {
      sum += tile_a[local.y][i] * tile_b[i][local.x];
    }
    workgroupBarrier();
  }
  if (id.y < shape.rows && id.x < shape.columns) {
    product[id.y * shape.columns + id.x] = sum;
  }
}

// Beyond the edge there are zeros, which add nothing.
fn element_of_a(row: u32, column: u32) -> f32 {
  return select(0.0, a[row * shape.inner + column], row < shape.rows && column < shape.inner);
}

fn element_of_b(row: u32, column: u32) -> f32 {
  return select(0.0, b[row * shape.columns + column], row < shape.inner && column < shape.columns);
}
