import { type ByteSource, readHead } from '../../base/byte-source.ts';
import { FormatError } from '../../base/errors.ts';
import type { LongCall } from '../../base/progress.ts';
import type { StackProfile } from '../../model/stack-profile.ts';
import { memrayExport } from './detect.ts';
import { readLeaksCsv } from './leaks-csv.ts';
import { readStatsJson } from './stats-json.ts';

const HEAD_BYTES = 4096;

/**
 * Reads an export of memray: `memray transform csv --leaks` gives `inuse_objects` and `inuse_space` with whole stacks and the
 * labels `allocator`, `tid`, `thread`; `memray stats --json` gives `alloc_objects` and `alloc_space` of the few largest
 * places, with everything else in one further sample, so that the totals are memray's.
 *
 * @throws FormatError with the byte offset; for memray's own capture file, the command that exports it
 * @example
 * import { openFile, readMemray } from 'stanch';
 *
 * const profile = await readMemray(openFile('leaks.csv'));
 * process.stdout.write(`${profile.sampleCount} stacks\n`);
 */
export async function readMemray(source: ByteSource, options: LongCall = {}): Promise<StackProfile> {
  const { head, whole } = await peek(source);
  switch (memrayExport(head)) {
    case 'csv':
      return readLeaksCsv(whole, options);
    case 'stats':
      return readStatsJson(whole, options);
    case 'capture':
      throw new FormatError({
        file: source.name,
        offset: 0,
        expected: 'an export of memray',
        found: 'its capture file',
        hint: `run \`memray transform csv --leaks -o leaks.csv FILE\`, and read leaks.csv`,
      });
    case null:
      throw new FormatError({
        file: source.name,
        offset: 0,
        expected: 'the CSV of `memray transform csv` or the JSON of `memray stats --json`',
        found: 'another file',
      });
  }
}

/** The first bytes, and a source that yields everything: some sources can be read only once. */
async function peek(source: ByteSource): Promise<{ head: Uint8Array; whole: ByteSource }> {
  if (source.readAt) return { head: await readHead(source, HEAD_BYTES), whole: source };
  const chunks = source.chunks()[Symbol.asyncIterator]();
  let head = new Uint8Array(0);
  let ended = false;
  while (head.length < HEAD_BYTES && !ended) {
    const { done, value } = await chunks.next();
    ended = done === true;
    if (value === undefined) continue;
    const longer = new Uint8Array(head.length + value.length);
    longer.set(head);
    longer.set(value, head.length);
    head = longer;
  }
  const whole: ByteSource = {
    name: source.name,
    sizeBytes: source.sizeBytes,
    async *chunks() {
      yield head;
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
    },
  };
  return { head, whole };
}
