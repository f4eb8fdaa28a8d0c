import type { OnProgress } from '../base/progress.ts';
import { CaptureError, type CaptureStep } from './capture-error.ts';
import { InspectorClient } from './inspector-client.ts';
import { SnapshotFile } from './snapshot-file.ts';

/** Where a snapshot goes. */
export interface SnapshotOptions {
  /**
   * Where the snapshot goes; it is there whole or not at all, readable by its owner only. A name that ends in `.gz` has it packed on
   * the way, to about a sixth.
   */
  file: string;
  signal?: AbortSignal;
  /** Called with `snapshot`, then objects seen so far and objects in all; bytes are not known beforehand. */
  onProgress?: OnProgress;
}

/** Whose snapshot is taken, and where it goes. */
export interface CaptureHeapSnapshotOptions extends SnapshotOptions {
  /** `ws://127.0.0.1:9229/<id>`, as Node.js prints it when its inspector starts. */
  webSocketUrl: string;
}

/** A snapshot that was taken: its file, the file's size in bytes, and how long it took. */
export interface CapturedSnapshot {
  readonly file: string;
  readonly bytes: number;
  /** Of the file as it is stored, in hexadecimal. */
  readonly sha256: string;
  readonly elapsedMs: number;
}

/**
 * A connection to a running process that takes several heap snapshots. Between two snapshots that are to be compared
 * it must stay open: when an inspector connection ends, V8 forgets the ids of all objects
 * (`V8HeapProfilerAgentImpl::disable`; seen in Node.js 18, 20, 22 and 24), and gives new ones.
 *
 * @example
 * import { spawn } from 'node:child_process';
 * import { once } from 'node:events';
 * import { CaptureSession } from 'stanch';
 *
 * const service = ['--inspect=127.0.0.1:0', '--eval', 'setInterval(() => {}, 1000)'];
 * const child = spawn(process.execPath, service, { stdio: ['ignore', 'ignore', 'pipe'] });
 * const [text] = await once(child.stderr, 'data');
 * const session = await CaptureSession.connect(/ws:\S+/.exec(text)[0]);
 * await session.heapSnapshot({ file: 'first.heapsnapshot' });
 * await session.heapSnapshot({ file: 'second.heapsnapshot' });
 * await session.close();
 * child.kill();
 */
export class CaptureSession {
  private constructor(private readonly client: InspectorClient) {}

  /** @throws CaptureError (step `connect`); when `signal` aborts, its reason */
  static async connect(
    webSocketUrl: string,
    options: { signal?: AbortSignal } = {},
  ): Promise<CaptureSession> {
    return new CaptureSession(await InspectorClient.connect(webSocketUrl, options));
  }

  /**
   * Takes a heap snapshot after a garbage collection. The process stands still while V8 builds it and needs memory for
   * it: about as much again as its heap holds.
   *
   * @throws CaptureError with the step that failed; nothing is left behind then. When `signal` aborts, the connection
   *   ends and its reason is thrown.
   */
  async heapSnapshot(options: SnapshotOptions): Promise<CapturedSnapshot> {
    const { client } = this;
    const { file, signal, onProgress } = options;
    signal?.throwIfAborted();
    const started = performance.now();
    // An abort ends the connection, and with it whatever is waited for.
    const stop = (): void => void client.close();
    signal?.addEventListener('abort', stop, { once: true });
    let output: SnapshotFile | null = null;
    let step: CaptureStep = 'collect-garbage';
    let sha256: string;
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
      sha256 = await output.finish();
    } catch (cause) {
      await output?.discard();
      signal?.throwIfAborted();
      throw new CaptureError(client.target, step, (cause as Error).message, { cause });
    } finally {
      signal?.removeEventListener('abort', stop);
    }
    return { file, bytes: output.storedBytes, sha256, elapsedMs: performance.now() - started };
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    await this.client.close();
  }
}

/**
 * Takes one heap snapshot of a running process through its inspector, after a garbage collection. To take several that
 * are to be compared, use one `CaptureSession`.
 *
 * @throws CaptureError with the step that failed; nothing is left behind then. When `signal` aborts, its reason is
 *   thrown.
 * @example
 * import { spawn } from 'node:child_process';
 * import { once } from 'node:events';
 * import { captureHeapSnapshot } from 'stanch';
 *
 * const service = ['--inspect=127.0.0.1:0', '--eval', 'setInterval(() => {}, 1000)'];
 * const child = spawn(process.execPath, service, { stdio: ['ignore', 'ignore', 'pipe'] });
 * const [text] = await once(child.stderr, 'data');
 * const webSocketUrl = /ws:\S+/.exec(text)[0];
 * const { bytes } = await captureHeapSnapshot({ webSocketUrl, file: 'service.heapsnapshot' });
 * process.stdout.write(`${bytes} bytes\n`);
 * child.kill();
 */
export async function captureHeapSnapshot(options: CaptureHeapSnapshotOptions): Promise<CapturedSnapshot> {
  const { webSocketUrl, ...snapshot } = options;
  const { signal } = snapshot;
  const session = await CaptureSession.connect(webSocketUrl, signal ? { signal } : {});
  try {
    return await session.heapSnapshot(snapshot);
  } finally {
    await session.close();
  }
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
