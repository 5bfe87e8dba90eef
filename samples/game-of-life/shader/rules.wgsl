// One generation of Conway's game of life. A world is a square without borders: what leaves it on
// one side comes back on the other. A cell is a whole number, 1 when it lives.

@group(0) @binding(0) var<storage, read> cells: array<u32>;
@group(0) @binding(1) var<storage, read_write> next_cells: array<u32>;

/// The world is square, so its side follows from the number of cells.
fn side() -> u32 {
  return u32(sqrt(f32(arrayLength(&cells))) + 0.5);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let n = side();
  if (id.x >= n * n) {
    return;
  }
  let x = id.x % n;
  let y = id.x / n;
  var neighbours = 0u;
  for (var dy = n - 1; dy <= n + 1; dy++) {
    for (var dx = n - 1; dx <= n + 1; dx++) {
      neighbours += cells[((y + dy) % n) * n + (x + dx) % n];
    }
  }
  // The sum counts the cell itself.
  let lives = cells[id.x] == 1;
  next_cells[id.x] = select(0u, 1u, neighbours == 3 || (lives && neighbours == 4));
}
