import type { CaseView, TimelineRecord } from '../../model/case.ts';
import type { Diagnosis, Finding } from '../../model/finding.ts';
import type { ConfirmedSeries, ReportInput } from '../report-input.ts';

/** A case that knows nothing, for tests. */
export function emptyInput(changes: Partial<ReportInput> = {}): ReportInput {
  return {
    folder: 'leak',
    view: sampleView(),
    settings: {},
    diagnoses: [],
    confirmations: [],
    checks: [],
    verifications: [],
    otherAnswers: [],
    madeAt: '2024-01-22T12:00:00.000Z',
    masked: true,
    ...changes,
  };
}

export function sampleView(changes: Partial<CaseView> = {}): CaseView {
  return {
    schema: 'stanch/case-view@1',
    id: '58671d043e669556',
    title: 'checkout is killed every night',
    createdAt: '2024-01-21T03:00:00.000Z',
    state: 'open',
    verdict: null,
    evidence: [],
    timeline: [sampleRecord({ kind: 'opened', at: '2024-01-21T03:00:00.000Z', text: 'opened' })],
    findings: null,
    results: [],
    handOver: null,
    damage: [],
    ...changes,
  };
}

let seq = 0;
export function sampleRecord(
  entry: Pick<TimelineRecord, 'kind' | 'at' | 'text'> & Partial<TimelineRecord>,
): TimelineRecord {
  return { v: 1, seq: ++seq, recordedAt: entry.at, prev: '', ...entry };
}

export function sampleFinding(changes: Partial<Finding> = {}): Finding {
  return {
    id: 'f-1',
    rank: 1,
    pattern: 'unbounded-collection',
    title: 'SessionStore.sessions gains entries and never loses them',
    owner: 'SessionStore.sessions (Map, 2,000 entries)',
    location: { file: 'src/sessions.js', line: 19, role: 'adds' },
    alsoSee: [{ file: 'src/sessions.js', line: 14, role: 'holds' }],
    growth: {
      objects: 1000,
      bytes: 900_000,
      series: [1000, 1500, 2000],
      bytesSeries: [100_000, 550_000, 1_000_000],
      holders: 1,
      perHour: 500,
      perOperation: 1,
    },
    retainedBytes: 1_000_000,
    members: [{ shape: 'Session', objects: 1000, sample: 'user-#####' }],
    alsoHeldBy: [],
    path: [
      { node: '(GC roots)', via: '', leaking: 'no', why: 'root' },
      { node: 'SessionStore', via: 'store', leaking: 'unknown' },
      { node: 'Session', via: '.sessions', handle: 'n-12', leaking: 'yes', why: 'new since the first dump' },
    ],
    signature: '360a93af1a05b386',
    confidence: 0.97,
    reasons: ['it grew in each of 2 intervals'],
    evidence: ['e-1'],
    against: [],
    remedy: { summary: 'Give it a limit.', example: 'cache.delete(key);', docs: 'docs/x.md' },
    ...changes,
  };
}

export function sampleDiagnosis(changes: Partial<Diagnosis> = {}): Diagnosis {
  const dump = (label: string, heapBytes: number): Diagnosis['evidence'][number] => ({
    id: `e-${label}`,
    label,
    kind: 'heap-graph',
    format: 'v8-heapsnapshot',
    file: `${label}.heapsnapshot`,
    sha256: null,
    at: null,
    bytes: 1,
    objects: 54_741,
    heapBytes,
    partial: null,
  });
  return {
    schema: 'stanch/diagnosis@1',
    runtime: 'node',
    verdict: 'leak',
    confidence: 0.97,
    summary: 'Leak: 1 cause explains 90 % of the growth (900 kB of 1.00 MB).',
    sameProcess: true,
    evidence: [dump('A', 3_700_000), dump('B', 4_700_000)],
    growth: {
      fromBytes: 3_700_000,
      toBytes: 4_700_000,
      grownBytes: 1_000_000,
      shrunkBytes: 0,
      explainedBytes: 900_000,
      explainedShare: 0.9,
      unexplained: [{ what: 'engine: compiled code', bytes: 60_000 }],
    },
    findings: [sampleFinding()],
    harmless: [],
    claims: [],
    next: [],
    ...changes,
  };
}

/** Two hours of memory that grows by 60 MB an hour to a limit of 400 MB. */
export function sampleSeries(changes: Partial<ConfirmedSeries> = {}): ConfirmedSeries {
  const start = Date.UTC(2024, 0, 21, 1);
  const times = Array.from({ length: 121 }, (_, at) => start + at * 60_000);
  return {
    schema: 'stanch/confirm@1',
    metric: 'process_resident_memory_bytes',
    labels: {},
    source: 'memory.csv',
    unit: 'bytes',
    verdict: 'leak',
    shape: 'linear',
    ratePerHour: { value: 60e6, low: 58e6, high: 62e6 },
    timeToLimit: { limitBytes: 400e6, hours: 1.2, low: 1.1, high: 1.4 },
    onset: null,
    onsetEvent: null,
    segments: [
      { from: new Date(start).toISOString(), to: new Date(times.at(-1)!).toISOString(), kind: 'leak' },
    ],
    restarts: [],
    correlates: [],
    reasons: ['the floor rose in 11 of 11 windows'],
    missing: [],
    floor: { times, values: times.map((_, at) => 200e6 + at * 1e6) },
    samples: { times, values: times.map((_, at) => 202e6 + at * 1e6 + (at % 7) * 1e6), of: 121 },
    limit: 400e6,
    window: {
      from: new Date(start).toISOString(),
      to: new Date(times.at(-1)!).toISOString(),
      samples: 121,
      stepSeconds: 60,
    },
    ...changes,
  };
}
