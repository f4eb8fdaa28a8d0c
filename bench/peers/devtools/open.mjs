/**
 * Opens a snapshot with Chrome DevTools' own code, as its front end does: chunks of text go into the loader, a second
 * thread computes retainers, dominators and retained sizes while the first computes the rest.
 */
import { createReadStream } from 'node:fs';
import { MessageChannel, Worker } from 'node:worker_threads';
import { DEVTOOLS_BUNDLE } from './bundle.mjs';

/** The size of the chunks in which DevTools reads a file. */
const CHUNK_BYTES = 10_000_000;

/**
 * @param {string} path
 * @returns {Promise<any>} DevTools' JSHeapSnapshot, initialized
 */
export async function openWithDevTools(path) {
  const { HeapSnapshotLoader } = await import(DEVTOOLS_BUNDLE);
  const loader = new HeapSnapshotLoader({ sendEvent() {} });
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: CHUNK_BYTES })) {
    loader.write(chunk);
  }
  loader.close();
  const { port1, port2 } = new MessageChannel();
  const secondThread = new Worker(new URL('./second-thread.mjs', import.meta.url), {
    workerData: port2,
    transferList: [port2],
  });
  try {
    return await loader.buildSnapshot(port1);
  } finally {
    port1.close();
    await secondThread.terminate();
  }
}
