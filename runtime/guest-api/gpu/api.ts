import type { GuestModule } from "../define.ts";

/** Module `gpu`: compute shaders from other guests. */
export const gpu = {
  name: "gpu",
  aliases: [],
  doc: "Compute shaders and pictures.",
  functions: {
    compute_shader: {
      params: [
        {
          name: "specification",
          type: "string",
          doc: "JSON: shader_name, dispatch_size, bindings (by place: the shader's binding numbers) with target (STORAGE, TEXTURE_2D_RGBA_FLOAT, TEXTURE_2D_R_FLOAT), exchange_buffer_id, is_in, is_out, width, height; entry for a shader with several; passes instead of one dispatch: a list of shader_name, entry, dispatch_size and bindings (places in the whole list), which run in order on data that stays on the GPU",
        },
      ],
      result: "int",
      waits: true,
      doc: "Runs a compute shader over exchange buffers; outputs replace the content of theirs.",
      returns: "0",
    },
    create_image_from_rgba_float_pixels: {
      params: [
        { name: "width", type: "int" },
        { name: "height", type: "int" },
        { name: "pixels_exchange_buffer_id", type: "buffer_id" },
        { name: "png_exchange_buffer_id", type: "buffer_id" },
      ],
      result: "int",
      waits: true,
      doc: "Encodes four 32 bit floats a pixel (0 to 1) as a PNG.",
      returns: "0",
    },
    create_image_from_r_float_pixels: {
      params: [
        { name: "width", type: "int" },
        { name: "height", type: "int" },
        { name: "pixels_exchange_buffer_id", type: "buffer_id" },
        { name: "png_exchange_buffer_id", type: "buffer_id" },
      ],
      result: "int",
      waits: true,
      doc: "Encodes one 32 bit float a pixel (0 to 1) as a grey PNG.",
      returns: "0",
    },
  },
} as const satisfies GuestModule;
