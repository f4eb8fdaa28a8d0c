import type { ByteSource } from '../../base/byte-source.ts';
import { FormatError } from '../../base/errors.ts';
import type { LongCall } from '../../base/progress.ts';
import type { StackProfile } from '../../model/stack-profile.ts';
import { StackProfileBuilder } from '../../model/stack-profile-builder.ts';
import { type CsvRecord, CsvRecords } from './csv-records.ts';

/*
 * `memray transform csv`: allocator,num_allocations,size,tid,thread_name,stack_trace. The trace is `function;file;line`, joined
 * by `|`, the allocating frame first; empty for what no Python code asked for. Older versions lack no column that is needed.
 */
const NEEDED = ['num_allocations', 'size', 'stack_trace'] as const;
const MAX_RECORD_BYTES = 16 << 20;
const SAMPLE_TYPES = [
  { type: 'inuse_objects', unit: 'count' },
  { type: 'inuse_space', unit: 'bytes' },
];

/** Functions have no `;` in their names, and a frame ends with a line number: so files may hold both separators. */
const FRAME = /([^;]*);(.*?);(-?\d+)(?:\||$)/gsy;

/** @throws FormatError with the byte offset of the record that is no allocation */
export async function readLeaksCsv(
  source: ByteSource,
  { signal, onProgress }: LongCall,
): Promise<StackProfile> {
  const rows = new LeakRows(source.name);
  const records = new CsvRecords();
  let done = 0;
  for await (const chunk of source.chunks()) {
    signal?.throwIfAborted();
    for (const record of records.feed(chunk)) rows.add(record);
    done += chunk.length;
    if (records.pendingBytes > MAX_RECORD_BYTES) {
      throw rows.wrong(
        done - records.pendingBytes,
        `a line of at most ${MAX_RECORD_BYTES} bytes`,
        'a longer one',
      );
    }
    onProgress?.('reading', done, source.sizeBytes ?? 0);
  }
  if (records.isInsideQuotes) throw rows.cut(done, 'the closing quote');
  for (const record of records.end()) rows.add(record);
  return rows.finish(done);
}

class LeakRows {
  private readonly builder: StackProfileBuilder;
  private readonly stackOfTrace = new Map<string, number>();
  private column: ReadonlyMap<string, number> | null = null;

  constructor(private readonly file: string) {
    this.builder = new StackProfileBuilder('python', 'memray', file, SAMPLE_TYPES);
  }

  add({ offset, fields }: CsvRecord): void {
    if (fields.length === 1 && fields[0] === '') return;
    if (this.column === null) {
      this.column = new Map(fields.map((name, index) => [name, index]));
      const missing = NEEDED.find((name) => !this.column!.has(name));
      if (missing !== undefined) throw this.wrong(offset, `a column ${missing}`, fields.join(','));
      return;
    }
    if (fields.length !== this.column.size) {
      throw this.wrong(offset, `${this.column.size} fields`, `${fields.length}`);
    }
    const field = (name: string): string => fields[this.column!.get(name) ?? -1] ?? '';
    const values = [
      this.whole(offset, 'num_allocations', field('num_allocations')),
      this.whole(offset, 'size', field('size')),
    ];
    this.builder.sample(this.stack(offset, field('stack_trace')), values);
    if (field('allocator') !== '') this.builder.textLabel('allocator', field('allocator'));
    if (field('tid') !== '') this.builder.numberLabel('tid', this.whole(offset, 'tid', field('tid')));
    if (field('thread_name') !== '') this.builder.textLabel('thread', field('thread_name'));
  }

  finish(offset: number): StackProfile {
    if (this.column === null) throw this.cut(offset, 'the names of the columns');
    return this.builder.finish({
      defaultSampleType: 'inuse_space',
      docUrl: 'https://bloomberg.github.io/memray/transform.html',
      comments: [
        "memray's CSV does not say whether it was made with --leaks or shows the moment of the highest use",
      ],
    });
  }

  wrong(offset: number, expected: string, found: string): FormatError {
    const shown = found.length > 100 ? `${found.slice(0, 100)}…` : found;
    const hint = 'make it again with `memray transform csv --leaks`';
    return new FormatError({ file: this.file, offset, expected, found: shown, hint });
  }

  cut(offset: number, expected: string): FormatError {
    return new FormatError({
      file: this.file,
      offset,
      expected,
      found: 'the end of the file',
      truncated: true,
    });
  }

  private stack(offset: number, trace: string): number {
    let stack = this.stackOfTrace.get(trace);
    if (stack === undefined) {
      stack = this.builder.stack(this.locations(offset, trace));
      this.stackOfTrace.set(trace, stack);
    }
    return stack;
  }

  private locations(offset: number, trace: string): number[] {
    const locations: number[] = [];
    FRAME.lastIndex = 0;
    for (let at = 0; at < trace.length; at = FRAME.lastIndex) {
      const match = FRAME.exec(trace);
      if (match === null) throw this.wrong(offset, 'frames as function;file;line', trace.slice(at));
      const line = Number(match[3]);
      const fn = this.builder.function(match[1]!, match[2]!);
      locations.push(this.builder.location(fn, line > 0 && line < 2 ** 32 ? line : 0));
    }
    return locations;
  }

  private whole(offset: number, name: string, text: string): number {
    if (/^\d{1,19}$/.test(text)) return Number(text);
    throw this.wrong(offset, `a whole number as ${name}`, `"${text}"`);
  }
}
