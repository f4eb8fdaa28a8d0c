import type { ByteSource } from '../../base/byte-source.ts';
import { FormatError } from '../../base/errors.ts';
import { LogCollector } from './collector.ts';
import type { LogReading } from './reading.ts';

export interface LogOptions {
  readonly signal?: AbortSignal;
  /** For forms without a year (syslog, glog); 1970 when absent, so that differences still hold. */
  readonly year?: number;
}

/** Longer lines are cut: they are dumps in a log, not messages. */
const MAX_LINE = 64 * 1024;

/**
 * Reads any text log in one pass with bounded memory: numbers as series, restarts, deploys and kills as events, templates, numbers
 * that only grow, expected against actual, things that live on after their end.
 *
 * @throws FormatError when it is binary or no line has a time
 */
export async function readLog(source: ByteSource, options: LogOptions = {}): Promise<LogReading> {
  const decoder = new TextDecoder('utf-8');
  const collector = new LogCollector(source.name, options.year ?? 1970);
  let rest = '';
  let offset = 0;
  for await (const chunk of source.chunks()) {
    options.signal?.throwIfAborted();
    if (offset === 0 && chunk.subarray(0, 4096).includes(0))
      throw new FormatError({
        file: source.name,
        offset: chunk.indexOf(0),
        expected: 'text',
        found: 'a zero byte',
      });
    offset += chunk.length;
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop()!.slice(0, MAX_LINE);
    for (const line of lines) collector.line(line);
  }
  rest += decoder.decode();
  if (rest !== '') collector.line(rest);
  if (collector.stamped === 0)
    throw new FormatError({
      file: source.name,
      offset: 0,
      expected: 'log lines that carry a time',
      found: 'none',
    });
  return collector.finish();
}

/** The same for lines that are at hand; never throws. */
export function readLogLines(lines: Iterable<string>, name: string, year: number = 1970): LogReading {
  const collector = new LogCollector(name, year);
  for (const line of lines) collector.line(line);
  return collector.finish();
}
