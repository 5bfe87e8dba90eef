const SIDE = 8;

/** As bytes are made of numbers elsewhere: 1 is 255, below it is rounded down, what is no number is 0. */
const CODE = `
@group(0) @binding(0) var picture: texture_2d<f32>;
@group(0) @binding(1) var<storage, read_write> colours: array<u32>;

@compute @workgroup_size(${SIDE}, ${SIDE})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = textureDimensions(picture);
  if (id.x >= size.x || id.y >= size.y) { return; }
  let colour = textureLoad(picture, id.xy, 0);
  let bytes = select(vec4u(0), vec4u(saturate(colour) * 255), colour > vec4f(0));
  colours[id.y * size.x + id.x] = dot(bytes, vec4u(1, 0x100, 0x10000, 0x1000000));
}`;

/**
 * Makes four bytes of four floats on the GPU: a quarter of the bytes comes back, and no processor
 * has to look at each.
 */
export class ColourBytes {
  readonly #device: GPUDevice;
  #pipeline: GPUComputePipeline | undefined;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** @param to storage buffer with room for four bytes a pixel */
  encode(encoder: GPUCommandEncoder, texture: GPUTexture, to: GPUBuffer): void {
    this.#pipeline ??= this.#createPipeline();
    const { width, height } = texture;
    const pass = encoder.beginComputePass();
    pass.setPipeline(this.#pipeline);
    const entries = [
      { binding: 0, resource: texture.createView() },
      { binding: 1, resource: { buffer: to, size: width * height * 4 } },
    ];
    const layout = this.#pipeline.getBindGroupLayout(0);
    pass.setBindGroup(0, this.#device.createBindGroup({ layout, entries }));
    pass.dispatchWorkgroups(Math.ceil(width / SIDE), Math.ceil(height / SIDE));
    pass.end();
  }

  #createPipeline(): GPUComputePipeline {
    const module = this.#device.createShaderModule({ code: CODE });
    return this.#device.createComputePipeline({ layout: "auto", compute: { module } });
  }
}
