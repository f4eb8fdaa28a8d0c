// Measured; see docs/capture.md. The children of Ruby read only, those of Python write a reference count into whatever they read.

/** A forked child that wrote the dump copied no page of 325 MB; the rest is room for the service itself. As the agent asks for. */
export const RUBY_SHARE_OF_RSS = 0.25;
export const RUBY_LEAST_BYTES = 64e6;
export const RUBY_DISK_TIMES_RSS = 2.4;

/** The child copied 50 to 80 % of RSS. */
export const PYTHON_MOST_SHARE_OF_RSS = 0.8;
export const PYTHON_LEAST_SHARE_OF_RSS = 0.5;
export const PYTHON_LEAST_BYTES = 64e6;
export const PYTHON_DISK_SHARE_OF_RSS = 0.6;

/** Copying page tables. */
export const FORK_MS_PER_BYTE: number = 0.05 / 1e6;
