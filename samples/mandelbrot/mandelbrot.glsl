#version 310 es

// The Mandelbrot set as an OpenGL ES compute shader. moc.json declares the parameters; that the
// block is filled from them and that the image is the answer follows from the shader.

layout(local_size_x = 8, local_size_y = 8) in;

layout(binding = 0, rgba32f) writeonly uniform highp image2D picture;

layout(binding = 1, std140) uniform View {
    highp vec2 middle;
    highp float span;
    highp float iterations;
    highp float hue;
} view;

const float ESCAPED = 256.0;

// Steps until the point leaves, with a fraction for smooth colours; negative if it stays.
float stepsOf(vec2 c)
{
    vec2 z = vec2(0.0);
    for (float steps = 0.0; steps < view.iterations; steps += 1.0)
    {
        z = vec2(z.x * z.x - z.y * z.y, 2.0 * z.x * z.y) + c;
        float distance2 = dot(z, z);
        if (distance2 > ESCAPED)
            return steps + 2.0 - log2(log2(distance2) / 2.0);
    }
    return -1.0;
}

void main()
{
    ivec2 pixel = ivec2(gl_GlobalInvocationID.xy);
    vec2 size = vec2(imageSize(picture));
    vec2 fromMiddle = (vec2(pixel) + 0.5 - size / 2.0) * vec2(1.0, -1.0);
    float steps = stepsOf(view.middle + fromMiddle * view.span / size.x);

    vec3 colour = vec3(0.0);
    if (steps >= 0.0)
        colour = 0.5 + 0.5 * cos(6.2832 * (steps * 0.02 + view.hue + vec3(0.0, 0.1, 0.2)));
    imageStore(picture, pixel, vec4(colour, 1.0));
}
