import type { OnProgress } from '../base/progress.ts';
import { CaptureError, type CaptureStep } from './capture-error.ts';
import { InspectorClient } from './inspector-client.ts';
import { SnapshotFile } from './snapshot-file.ts';

export interface CaptureHeapSnapshotOptions {
  /** `ws://127.0.0.1:9229/<id>`, as Node.js prints it when its inspector starts. */
  webSocketUrl: string;
  /** Where the snapshot goes; it is there whole or not at all, readable by its owner only. */
  file: string;
  signal?: AbortSignal;
  /** Called with `snapshot`, then objects written so far and objects in all; bytes are not known beforehand. */
  onProgress?: OnProgress;
}

export interface CapturedSnapshot {
  readonly file: string;
  readonly bytes: number;
  readonly elapsedMs: number;
}

/**
 * Takes a heap snapshot of a running process through its inspector, after a garbage collection. The process stands
 * still while V8 builds the snapshot and needs memory for it: about as much again as its heap holds.
 *
 * @throws CaptureError with the step that failed; nothing is left behind then. When `signal` aborts, its reason is
 *   thrown.
 * @example
 * import { url } from 'node:inspector';
 * import { open, close } from 'node:inspector';
 * import { captureHeapSnapshot } from 'stanch';
 *
 * open(0, '127.0.0.1');
 * const { bytes } = await captureHeapSnapshot({ webSocketUrl: url(), file: 'self.heapsnapshot' });
 * close();
 */
export async function captureHeapSnapshot(options: CaptureHeapSnapshotOptions): Promise<CapturedSnapshot> {
  const { webSocketUrl, file, signal, onProgress } = options;
  const started = performance.now();
  const client = await InspectorClient.connect(webSocketUrl, { signal });
  // An abort ends the connection, and with it whatever is waited for.
  const stop = (): void => void client.close();
  signal?.addEventListener('abort', stop, { once: true });
  let output: SnapshotFile | null = null;
  let step: CaptureStep = 'collect-garbage';
  try {
    await client.send('HeapProfiler.collectGarbage');
    step = 'write';
    output = await SnapshotFile.create(file);
    step = 'take-snapshot';
    const written = writeChunks(client, output, onProgress);
    await client.send('HeapProfiler.takeHeapSnapshot', { reportProgress: onProgress !== undefined });
    step = 'write';
    await written();
    if (output.bytes === 0) throw new Error('the inspector sent nothing');
    signal?.throwIfAborted();
    await output.finish();
  } catch (cause) {
    await output?.discard();
    signal?.throwIfAborted();
    throw new CaptureError(webSocketUrl, step, (cause as Error).message, { cause });
  } finally {
    signal?.removeEventListener('abort', stop);
    await client.close();
  }
  return { file, bytes: output.bytes, elapsedMs: performance.now() - started };
}

/** Writes what comes in; the connection waits while the disk does. The result resolves when all is on its way to disk. */
function writeChunks(
  client: InspectorClient,
  output: SnapshotFile,
  onProgress: OnProgress | undefined,
): () => Promise<void> {
  let flushing: Promise<void> = Promise.resolve();
  let failure: unknown = null;
  client.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => {
    if (!output.add(chunk as string)) return;
    client.pause();
    flushing = flushing
      .then(() => output.flush())
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => client.resume());
  });
  client.on('HeapProfiler.reportHeapSnapshotProgress', ({ done, total }) => {
    onProgress?.('snapshot', done as number, total as number);
  });
  return async () => {
    await flushing;
    if (failure) throw failure;
  };
}
