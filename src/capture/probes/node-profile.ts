import { Buffer } from 'node:buffer';
import { setTimeout as sleep } from 'node:timers/promises';
import { StanchError } from '../../base/errors.ts';
import { CaptureError } from '../capture-error.ts';
import type { InspectorClient } from '../inspector-client.ts';
import { writeEvidence } from './evidence-file.ts';

/** V8's own default: one sample for about this much memory. */
const SAMPLING_INTERVAL_BYTES = 32 * 1024;

/**
 * Listens for a time to where memory is allocated, and writes what is still alive at its end, by stack: a `.heapprofile`. Costs a hundredth
 * of a snapshot, but sees only what is allocated meanwhile.
 *
 * @param control a connection that stays open: the end of any connection makes V8 forget the ids of objects, and with them a series of snapshots
 */
export async function sampleAllocations(
  control: InspectorClient,
  { file, forMs, signal }: { file: string; forMs: number; signal: AbortSignal },
): Promise<{ bytes: number; sha256: string }> {
  try {
    await control.send('HeapProfiler.startSampling', { samplingInterval: SAMPLING_INTERVAL_BYTES });
    try {
      await sleep(forMs, undefined, { signal });
    } catch (error) {
      await control.send('HeapProfiler.stopSampling');
      throw error;
    }
    const { profile } = (await control.send('HeapProfiler.stopSampling')) as { profile: unknown };
    return await writeEvidence(file, once(Buffer.from(JSON.stringify(profile), 'utf8')));
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof StanchError) throw cause;
    throw new CaptureError(control.target, 'take-snapshot', (cause as Error).message, { cause });
  }
}

async function* once(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield chunk;
}
