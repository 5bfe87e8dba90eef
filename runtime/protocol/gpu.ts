/** GPU work as plain data: what a shader looks like, a job over it, its report, and the adapter. */

/** Languages of compute shaders. */
export type ShaderLanguage = "wgsl" | "glsl";

/** Content types of shaders; `text/glsl` is what the original's command line sends for `.glsl`. */
export const SHADER_CONTENT_TYPES: Readonly<Record<string, ShaderLanguage>> = {
  "text/wgsl": "wgsl",
  "text/glsl": "glsl",
  "text/x-glsl-compute": "glsl",
};

/** A shader's text. `name` is how messages and positions call it. */
export interface ShaderSource {
  readonly name: string;
  readonly language: ShaderLanguage;
  readonly text: string;
}

/** Scalar types of WGSL that buffers may hold. */
export type ShaderScalar = "f32" | "f16" | "i32" | "u32";

/** Type of what a buffer holds, with its memory layout (WGSL section 14.4); sizes in bytes. */
export type ShaderType =
  | { readonly kind: "scalar"; readonly scalar: ShaderScalar; readonly size: number }
  | {
      readonly kind: "vector";
      readonly scalar: ShaderScalar;
      readonly length: number;
      readonly size: number;
    }
  | {
      readonly kind: "matrix";
      readonly scalar: ShaderScalar;
      readonly columns: number;
      readonly rows: number;
      /** Distance of two columns. */
      readonly stride: number;
      readonly size: number;
    }
  | {
      readonly kind: "array";
      readonly element: ShaderType;
      /** Absent: the length is the buffer's. */
      readonly count?: number;
      readonly stride: number;
      readonly size: number;
    }
  | { readonly kind: "struct"; readonly members: readonly ShaderMember[]; readonly size: number };

/** A member of a struct; its offset is in bytes. */
export interface ShaderMember {
  readonly name: string;
  readonly offset: number;
  readonly type: ShaderType;
}

interface BindingPlace {
  readonly name: string;
  readonly group: number;
  readonly binding: number;
}

/** A uniform or storage buffer that a shader declares. */
export type BufferBinding = BindingPlace & {
  readonly kind: "uniform" | "storage";
  readonly access: "read" | "read_write";
  readonly type: ShaderType;
};

type StorageTextureBinding = BindingPlace & {
  readonly kind: "storage-texture";
  readonly access: "read" | "write" | "read_write";
  readonly format: string;
};

/** Something that a shader wants bound. */
export type ShaderBinding =
  | BufferBinding
  | StorageTextureBinding
  | (BindingPlace & { readonly kind: "texture" })
  | (BindingPlace & { readonly kind: "sampler" });

/** A constant that is chosen when the pipeline is made (WGSL section 7.2). */
export interface ShaderOverride {
  readonly name: string;
  /** How pipelines call it: its name, or its number where it has one. */
  readonly key: string;
  /** It has no value of its own. */
  readonly required: boolean;
}

/** A compute entry point. */
export interface ShaderEntry {
  readonly name: string;
  /** With the overrides' own values. */
  readonly workgroupSize: readonly [number, number, number];
  /** Overrides that it uses. */
  readonly overrides: readonly ShaderOverride[];
  /** Keys of the overrides that are the workgroup's size in x, y and z. */
  readonly sizeKeys: readonly (string | undefined)[];
  /** Names of the bindings that it uses. */
  readonly bindings: readonly string[];
}

/** What reflection finds in a shader. */
export interface ShaderShape {
  readonly entries: readonly ShaderEntry[];
  readonly bindings: readonly ShaderBinding[];
  /** Warnings of the compiler, `LINE:COLUMN text`. */
  readonly warnings: readonly string[];
}

/** What a check found wrong in a shader or in its declaration. */
export interface ShaderProblem {
  readonly severity: "error" | "warning";
  readonly message: string;
  /** Place in the shader's text; both count from 1. */
  readonly line: number;
  readonly column: number;
  /** It stands in the declaration that came beside the shader: path of the field there. */
  readonly declaration?: readonly string[];
}

/** What can be said of a shader before it is called. */
export interface ShaderCheck {
  readonly problems: readonly ShaderProblem[];
  /** Adapter that compiled it. */
  readonly compiledBy?: string;
  /** What was not checked, why, and what to do about it. */
  readonly note?: string;
}

/** A shader as it is to be deployed. */
export interface ShaderCheckRequest {
  readonly source: ShaderSource;
  /** Its declaration, when it does not stand in its comments. */
  readonly declaration: unknown;
  /** Entry points that plugs name; empty texts stand for the declared one. None: it is no function of its own. */
  readonly starts: readonly string[];
}

/** Texture formats that jobs may use; the last is for pictures that were decoded. */
export const TEXTURE_FORMATS = {
  rgba32float: { bytesPerPixel: 16 },
  r32float: { bytesPerPixel: 4 },
  rgba8unorm: { bytesPerPixel: 4 },
} as const;

/** Key of {@link TEXTURE_FORMATS}. */
export type TextureFormat = keyof typeof TEXTURE_FORMATS;

/** Something on the GPU for the length of a job. Without an input it starts as zeros. */
export type GpuResource =
  | {
      readonly kind: "buffer";
      readonly name: string;
      /** Size in bytes, a multiple of 4. */
      readonly bytes: number;
      readonly usage: "uniform" | "storage";
      /** Index of the job's buffer that fills it. */
      readonly input?: number;
      /** Read back when all passes are done. */
      readonly output: boolean;
    }
  | {
      readonly kind: "texture";
      readonly name: string;
      readonly format: TextureFormat;
      readonly width: number;
      readonly height: number;
      readonly usage: "sampled" | "storage";
      readonly input?: number;
      readonly output: boolean;
      /** An rgba32float comes back as rgba8unorm: 0 to 1 becomes 0 to 255, rounded down. */
      readonly asColours?: boolean;
    }
  | { readonly kind: "sampler"; readonly name: string };

/** One dispatch. */
export interface GpuPass {
  /** Index into the job's shaders. */
  readonly shader: number;
  /** Absent: the shader's only entry point. */
  readonly entry?: string;
  /** Number of workgroups in x, y and z. */
  readonly workgroups: readonly [number, number, number];
  /** Which resource stands at which binding. */
  readonly bindings: readonly GpuPassBinding[];
  /** Values of overrides, by their keys. */
  readonly constants?: Readonly<Record<string, number>>;
}

/** A resource at a place that the shader declares. */
export interface GpuPassBinding {
  readonly group: number;
  readonly binding: number;
  /** Index into the job's resources. */
  readonly resource: number;
}

/** Passes over resources that stay on the GPU in between; inputs travel beside it as bytes. */
export interface GpuJob {
  readonly shaders: readonly ShaderSource[];
  readonly resources: readonly GpuResource[];
  readonly passes: readonly GpuPass[];
}

/** Where the time of a job went, in milliseconds. */
export interface GpuTimings {
  /** Waiting for the GPU host, its start included. */
  readonly queue: number;
  /** Translation, compilation and pipelines; near 0 when they were kept. */
  readonly compile: number;
  readonly upload: number;
  readonly dispatch: number;
  readonly readback: number;
  /** From asking the GPU host to having the bytes. */
  readonly total: number;
}

/** What an output holds; sizes in bytes and pixels. */
export interface GpuResultShape {
  readonly name: string;
  readonly kind: "buffer" | "texture";
  readonly bytes: number;
  /** Texture format, or scalar type of a buffer's elements where reflection knows it. */
  readonly format?: string;
  readonly width?: number;
  readonly height?: number;
}

/** Of one job, for call reports and whoever draws them. */
export interface GpuReport {
  readonly adapter: string;
  readonly software: boolean;
  readonly shaders: readonly string[];
  readonly passes: readonly {
    readonly shader: string;
    readonly entry: string;
    readonly workgroups: readonly [number, number, number];
    readonly workgroupSize: readonly [number, number, number];
    /** How often it ran in a row; absent: once. */
    readonly runs?: number;
  }[];
  readonly timings: GpuTimings;
  /** `timestamp`: measured by the GPU itself; `clock`: from submission to completion. */
  readonly dispatchMeasuredBy: "timestamp" | "clock";
  readonly results: readonly GpuResultShape[];
}

/** What a job made. */
export interface GpuResult {
  readonly report: GpuReport;
  /** Outputs in the order of the job's resources. */
  readonly buffers: readonly Uint8Array[];
}

/** An adapter that the system offers. */
export interface GpuAdapter {
  /** As the `adapter` setting names it. */
  readonly name: string;
  readonly backend: string;
}

/** What runs shaders, or why nothing does. */
export type GpuDescription =
  | {
      readonly available: true;
      readonly adapter: string;
      readonly vendor: string;
      readonly architecture: string;
      readonly driver: string;
      readonly backend: string;
      /** It computes on the processor. */
      readonly software: boolean;
      /** How it came to be chosen, in a sentence. */
      readonly chosen: string;
      readonly adapters: readonly GpuAdapter[];
      readonly limits: Readonly<Record<string, number>>;
      readonly features: readonly string[];
    }
  | {
      readonly available: false;
      /** What was tried and what to install or set. */
      readonly reason: string;
    };

/** What is known of the GPU without asking for it, which would start its process. */
export type GpuState =
  | { readonly state: "idle" }
  | {
      readonly state: "running";
      readonly adapter: string;
      readonly driver: string;
      readonly backend: string;
      readonly software: boolean;
    }
  | { readonly state: "unavailable"; readonly reason: string };

/** Arguments and answers of the host operation `gpu`, by operation name. */
export interface GpuOperations {
  /** Shape of a shader; translated and compiled on the way. */
  inspect: { readonly argument: ShaderSource; readonly answer: ShaderShape };
  compute: { readonly argument: GpuComputeArgument; readonly answer: GpuReport };
  describe: { readonly argument: undefined; readonly answer: GpuDescription };
}

/** Argument of `compute`; the inputs themselves travel beside it. */
export interface GpuComputeArgument {
  readonly job: GpuJob;
  /** Wall time that the job may take, queue included. */
  readonly timeoutMs: number;
  /** What each input is said to have, in bytes. */
  readonly lengths: readonly number[];
}
