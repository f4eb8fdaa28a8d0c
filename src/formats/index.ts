import { detectCsv } from './csv/detect.ts';
import { readCsv } from './csv/read.ts';
import type { EvidenceFormat, SeriesFormat } from './format.ts';
import { detectGoroutines } from './go-goroutines/detect.ts';
import { readGoroutines } from './go-goroutines/read.ts';
import { detectIncidentText } from './incident-text/detect.ts';
import { detectJemalloc } from './jemalloc/detect.ts';
import { readJemalloc } from './jemalloc/read.ts';
import { detectJsonLines } from './json-lines/detect.ts';
import { readJsonLines } from './json-lines/read.ts';
import { detectLog } from './log/detect.ts';
import { detectMemray } from './memray/detect.ts';
import { readMemray } from './memray/read.ts';
import { detectCensus } from './node-census/detect.ts';
import { readCensus } from './node-census/read.ts';
import { detectOpenMetrics } from './openmetrics/detect.ts';
import { readOpenMetrics } from './openmetrics/read.ts';
import { detectPprof } from './pprof/detect.ts';
import { readPprof } from './pprof/read.ts';
import { detectProfileText } from './profile-text/detect.ts';
import { readProfileText } from './profile-text/read.ts';
import { detectPythonGc } from './python-gc/detect.ts';
import { readPythonGc } from './python-gc/read.ts';
import { detectTracemalloc } from './python-tracemalloc/detect.ts';
import { readTracemalloc } from './python-tracemalloc/read.ts';
import { namesPaths } from './ruby-objspace/companions.ts';
import { detectRubyDump } from './ruby-objspace/detect.ts';
import { readRubyDump } from './ruby-objspace/read.ts';
import { detectHeapProfile } from './v8-heapprofile/detect.ts';
import { readHeapProfile } from './v8-heapprofile/read.ts';
import { detectHeapSnapshot } from './v8-heapsnapshot/detect.ts';
import { readHeapSnapshot } from './v8-heapsnapshot/read.ts';

/** So many bytes from the start of a file are enough to tell its format. */
export const HEAD_BYTES = 4096;

/**
 * Every format of dumps and profiles that Stanch reads. `openHeap` and the commands try them all on the first 4 KB of a file.
 *
 * @example
 * import { FORMATS } from 'stanch';
 *
 * for (const { id, kind, title } of FORMATS) process.stdout.write(`${id} (${kind}): ${title}\n`);
 */
export const FORMATS: readonly EvidenceFormat[] = [
  {
    id: 'v8-heapsnapshot',
    kind: 'heap-graph',
    title: 'V8 heap snapshot (Node.js 18 and later, Chrome)',
    detect: detectHeapSnapshot,
    read: readHeapSnapshot,
  },
  {
    id: 'ruby-objspace',
    kind: 'heap-graph',
    title: 'Ruby heap dump (ObjectSpace.dump_all, Ruby 2.7 and later)',
    detect: detectRubyDump,
    read: (source, { companion, ...options } = {}) =>
      readRubyDump(source, { ...options, names: companion ?? null }),
    companions: namesPaths,
  },
  {
    id: 'python-gc',
    kind: 'heap-graph',
    title: "Python object graph (written by Stanch's agent)",
    detect: detectPythonGc,
    read: readPythonGc,
  },
  {
    id: 'pprof',
    kind: 'stack-profile',
    title: 'pprof profile (profile.proto)',
    detect: detectPprof,
    read: readPprof,
  },
  {
    id: 'profile-text',
    kind: 'stack-profile',
    title: 'Go profile in text (debug=1)',
    detect: detectProfileText,
    read: readProfileText,
  },
  {
    id: 'go-goroutines',
    kind: 'goroutines',
    title: 'goroutine stacks (debug=2, SIGQUIT, a crash)',
    detect: detectGoroutines,
    read: readGoroutines,
  },
  {
    id: 'python-tracemalloc',
    kind: 'stack-profile',
    title: 'tracemalloc snapshot (Snapshot.dump)',
    detect: detectTracemalloc,
    read: readTracemalloc,
  },
  {
    id: 'memray',
    kind: 'stack-profile',
    title: 'memray (stats --json, transform csv)',
    detect: detectMemray,
    read: readMemray,
  },
  {
    id: 'v8-heapprofile',
    kind: 'stack-profile',
    title: 'V8 sampling heap profile',
    detect: detectHeapProfile,
    read: readHeapProfile,
  },
  {
    id: 'node-census',
    kind: 'stack-profile',
    title: 'census of a Node.js process (stanch capture --kind census)',
    detect: detectCensus,
    read: readCensus,
  },
  {
    id: 'jemalloc',
    kind: 'stack-profile',
    title: 'jemalloc heap profile (heap_v2)',
    detect: detectJemalloc,
    read: readJemalloc,
  },
];

/**
 * The format of a file, told from its first bytes; null when no format knows it. Never throws.
 *
 * @param head the first `HEAD_BYTES` of the unpacked file, or all of it if it is shorter
 * @param name of the file; only a hint
 * @example
 * import { readFileSync } from 'node:fs';
 * import { detectFormat } from 'stanch';
 *
 * const format = detectFormat(readFileSync('A.heapsnapshot').subarray(0, 4096), 'A.heapsnapshot');
 * process.stdout.write(`${format?.title ?? 'unknown'}\n`);
 */
export function detectFormat(head: Uint8Array, name: string): EvidenceFormat | null {
  let best: EvidenceFormat | null = null;
  let bestSure = 0;
  for (const format of FORMATS) {
    const sure = format.detect(head, name);
    if (sure > bestSure) {
      best = format;
      bestSure = sure;
    }
  }
  return best;
}

/** Every format of numbers over time that `stanch confirm` and `stanch check` read. */
export const SERIES_FORMATS: readonly SeriesFormat[] = [
  { id: 'csv', title: 'table with a time column (CSV, TSV)', detect: detectCsv, read: readCsv },
  {
    id: 'openmetrics',
    title: 'OpenMetrics or Prometheus text',
    detect: detectOpenMetrics,
    read: (source, { scrapedAtMs, ...options } = {}) =>
      readOpenMetrics(source, { ...options, ...(scrapedAtMs === undefined ? {} : { scrapedAtMs }) }),
  },
  { id: 'json-lines', title: 'numbers in JSON lines', detect: detectJsonLines, read: readJsonLines },
];

/** How sure the first bytes of a file are of being text that people or programs wrote: a log, an incident report. */
export const TEXT_FORMATS: readonly {
  readonly id: 'log' | 'incident-text';
  detect(head: Uint8Array, name: string): number;
}[] = [
  { id: 'incident-text', detect: detectIncidentText },
  { id: 'log', detect: detectLog },
];
