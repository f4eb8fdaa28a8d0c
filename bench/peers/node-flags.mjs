/** Flags for a peer's process: enough heap for the biggest file, so that no peer fails for want of a flag. */
export const NODE_FLAGS = ['--max-old-space-size=12288'];
