import type { ByteSource } from '../../base/byte-source.ts';
import { FormatError, StanchError } from '../../base/errors.ts';
import { breathe } from '../../base/progress.ts';
import type { HeapGraph, PartialRead } from '../../model/heap-graph.ts';
import type { ReadOptions } from '../format.ts';
import { buildGraph } from './build.ts';
import { LineParser } from './line-parser.ts';
import { LineReader } from './line-reader.ts';
import { type RubyNames, readNames } from './names-file.ts';
import { DumpRecords } from './records.ts';

const REPORT_EVERY_BYTES = 1 << 24;
const DAMAGED_HINT =
  'the file is damaged or is no dump of ObjectSpace.dump_all; take it again, or try --partial to use what can be read';

/** How a Ruby dump is read. */
export interface RubyReadOptions extends ReadOptions {
  /** The file of names that the Stanch agent wrote beside the dump. */
  names?: ByteSource | null;
}

/**
 * Reads what `ObjectSpace.dump_all` of Ruby 2.7 and later wrote, from any byte source. Lines may be of any length; nothing as large
 * as the file is held: values of strings stay where they are until asked for.
 *
 * Malformed lines, references that lead nowhere and missing names are told in `graph.warnings`.
 *
 * @throws FormatError with the byte offset when the file is no such dump or ends within a line
 * @example
 * import { openFile, readRubyDump } from 'stanch';
 *
 * const graph = await readRubyDump(openFile('C.json'), { names: openFile('C.names.jsonl') });
 * process.stdout.write(`${graph.nodeCount} objects, ${graph.warnings.join('; ')}\n`);
 */
export async function readRubyDump(source: ByteSource, options: RubyReadOptions = {}): Promise<HeapGraph> {
  const { readAt } = source;
  const records = new DumpRecords(
    source.sizeBytes,
    readAt ? (offset, length) => readAt.call(source, offset, length) : null,
  );
  const parser = new LineParser(records);
  const lines = new LineReader(parser, records);
  records.addSynthetic();
  let damage: FormatError | null = null;
  try {
    await feedAll(source, lines, options);
  } catch (error) {
    if (!(error instanceof FormatError) || !options.partial) throw error;
    damage = error;
  }
  if (lines.good === 0 || records.count === 1) {
    throw (
      damage ??
      new FormatError({
        file: source.name,
        offset: Math.max(0, lines.firstMalformed),
        expected: 'lines of ObjectSpace.dump_all',
        hint: DAMAGED_HINT,
      })
    );
  }
  const { names, problem } = await namesOf(options.names ?? null);
  options.signal?.throwIfAborted();
  return buildGraph({
    file: source.name,
    records,
    parser,
    lines,
    names,
    namesProblem: problem,
    partial: damage ? partialRead(damage, lines) : null,
  });
}

async function feedAll(source: ByteSource, lines: LineReader, options: RubyReadOptions): Promise<void> {
  const { signal, onProgress } = options;
  let reported = 0;
  for await (const chunk of source.chunks()) {
    signal?.throwIfAborted();
    lines.feed(chunk);
    refuseForeign(source, lines);
    if (lines.offset - reported >= REPORT_EVERY_BYTES) {
      reported = lines.offset;
      onProgress?.('read', lines.offset, source.sizeBytes ?? 0);
      await breathe(signal);
    }
  }
  onProgress?.('read', lines.offset, source.sizeBytes ?? lines.offset);
  const cut = lines.finish();
  refuseForeign(source, lines);
  if (cut < 0) return;
  throw new FormatError({
    file: source.name,
    offset: lines.offset,
    expected: `the rest of the line that begins at byte ${cut}`,
    found: 'the end of the file',
    hint: 'the dump was cut while it was written (a killed process or a full disk); --partial uses what is there',
    truncated: true,
  });
}

/** A file of other lines is no damaged dump. */
function refuseForeign(source: ByteSource, lines: LineReader): void {
  const { malformed, good, repaired, firstMalformed } = lines;
  if (malformed < 100 || malformed <= 4 * (good + repaired)) return;
  throw new FormatError({
    file: source.name,
    offset: firstMalformed,
    expected: 'lines of ObjectSpace.dump_all',
    found: `${malformed} lines that are none, and ${good} that are`,
    hint: DAMAGED_HINT,
  });
}

async function namesOf(
  source: ByteSource | null,
): Promise<{ names: RubyNames | null; problem: string | null }> {
  if (source === null) return { names: null, problem: null };
  try {
    const names = await readNames(source);
    return { names, problem: names ? null : `${source.name} is no names file of the Stanch agent: not used` };
  } catch (error) {
    if (!(error instanceof StanchError)) throw error;
    return { names: null, problem: `${source.name} could not be read: ${error.message}` };
  }
}

function partialRead(damage: FormatError, lines: LineReader): PartialRead {
  return {
    offset: damage.offset,
    reason: damage.message,
    missing: `objects after the first ${lines.good + lines.repaired} lines, and references to them`,
  };
}
