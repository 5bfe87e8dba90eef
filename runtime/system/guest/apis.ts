/** The guest API, as every function gets it. */
export const core = requireApi("core");
export const platform = requireApi("platform");
