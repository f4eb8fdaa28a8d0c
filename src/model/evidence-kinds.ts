import type { EvidenceKind } from './case.ts';

/** Evidence that shows what memory is held for: what can be diagnosed, and what a restart would destroy. */
export const DIAGNOSABLE_KINDS: ReadonlySet<EvidenceKind> = new Set([
  'heap-graph',
  'stack-profile',
  'goroutines',
]);

/** Formats that only one runtime writes. pprof and the like may be of any. */
export const RUNTIME_OF_FORMAT: Readonly<Record<string, 'node' | 'ruby' | 'python' | 'go'>> = {
  'v8-heapsnapshot': 'node',
  'v8-heapprofile': 'node',
  'ruby-objspace': 'ruby',
  'python-gc': 'python',
  'python-tracemalloc': 'python',
  memray: 'python',
  'go-goroutines': 'go',
};
