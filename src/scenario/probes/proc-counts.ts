import { sampleProcess } from '../../sources/procfs/memory-sample.ts';
import type { LightCounts } from '../run-result.ts';

const NAMES = ['process_resident_memory_bytes', 'process_open_fds', 'process_threads'];

/** What the kernel knows of a process of this machine; nothing of others. */
export function procCounts(pid: number | null): LightCounts {
  const sample = pid === null ? null : sampleProcess(pid);
  if (!sample) return {};
  return Object.fromEntries(
    NAMES.flatMap((name) => (sample[name] === undefined ? [] : [[name, sample[name]]])),
  );
}
