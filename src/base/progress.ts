/** How a long call tells where it is. `total` is 0 when it cannot be known beforehand. */
export type OnProgress = (step: string, done: number, total: number) => void;

/** Options that every long call takes. */
export interface LongCall {
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** `setTimeout` waits a millisecond at least; browsers have nothing better. */
const soon: (callback: () => void) => unknown = globalThis.setImmediate ?? setTimeout;

/** Lets the event loop breathe between two long steps, and stops there when asked to. */
export async function breathe(signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    soon(resolve);
  });
  signal?.throwIfAborted();
}
