import type { ByteSource } from '../../base/byte-source.ts';
import type { LongCall } from '../../base/progress.ts';
import type { StackProfile } from '../../model/stack-profile.ts';
import { LIMITS, type PickleLimits } from './limits.ts';
import { profileOf } from './profile.ts';
import { SnapshotTaker } from './snapshot.ts';
import { Unpickler } from './unpickler.ts';

/** How a snapshot is read. */
export interface TracemallocOptions extends LongCall {
  /** Lower or higher bounds than the built-in ones, which honest files stay far below. */
  limits?: Partial<PickleLimits>;
}

/**
 * Reads a pickle written by `tracemalloc.Snapshot.dump` (Python 3.6 to 3.14) as a profile of live memory: `inuse_objects` in
 * blocks, `inuse_space` in bytes. Labels of each sample: `domain` (0 is Python's own memory), `bytes` (size of one
 * block) and, since Python 3.9, `total_nframe` (frames before the traceback was cut). Figures: `traces`,
 * `traceback_limit`. The pickle is never executed.
 *
 * @throws FormatError naming the opcode, class or shape that no snapshot has, and its byte offset
 * @example
 * import { openFile, readTracemalloc } from 'stanch';
 *
 * const profile = await readTracemalloc(openFile('A.pickle'));
 * process.stdout.write(`${profile.sampleCount} groups of blocks\n`);
 */
export async function readTracemalloc(
  source: ByteSource,
  { signal, onProgress, limits }: TracemallocOptions = {},
): Promise<StackProfile> {
  const pickle = new Unpickler(source.name, { ...LIMITS, ...limits });
  let done = 0;
  for await (const chunk of source.chunks()) {
    signal?.throwIfAborted();
    pickle.feed(chunk);
    done += chunk.length;
    onProgress?.('reading', done, source.sizeBytes ?? 0);
  }
  pickle.end();
  signal?.throwIfAborted();
  return profileOf(new SnapshotTaker(pickle).take(), source.name);
}
