import type { Diagnosis, Finding } from '../../model/finding.ts';

/** A finding with everything in it, for tests of the text. */
export function sampleFinding(changes: Partial<Finding> = {}): Finding {
  return {
    id: 'f-1',
    rank: 1,
    pattern: 'listener-leak',
    title: "Listeners for 'heartbeat' are added on every join and never removed",
    owner: 'PresenceService.socket → Socket._events.heartbeat (Array, 3,456 entries)',
    location: { file: 'src/services/presence.service.js', line: 57, role: 'adds' },
    alsoSee: [{ file: 'src/websocket/socket.js', line: 19, role: 'holds' }],
    growth: {
      objects: 2222,
      bytes: 1_492_000,
      series: [1234, 2345, 3456],
      bytesSeries: [800_000, 1_546_000, 2_292_000],
      holders: 1,
      perHour: 659,
      perOperation: 1,
    },
    retainedBytes: 2_300_000,
    members: [
      { shape: 'onHeartbeat() @ src/services/presence.service.js:57', objects: 2222, sample: 'n-1234' },
    ],
    alsoHeldBy: ['PresenceService.recent[]'],
    path: [
      { node: '(GC roots)', via: '', leaking: 'no', why: 'root' },
      { node: 'EventEmitter', via: '.bus', handle: 'n-12', leaking: 'unknown' },
      {
        node: 'Array',
        via: '._events.heartbeat',
        handle: 'n-34',
        leaking: 'yes',
        why: 'new since the first dump',
      },
    ],
    signature: 'b7f0c1d2e3f4a5b6',
    confidence: 0.97,
    reasons: ['it grew in each of 2 intervals', 'the line that adds them was found in the source'],
    evidence: ['e-1', 'e-2', 'e-3'],
    against: ['one listener is added at start-up'],
    remedy: {
      summary: 'Keep the function and take it off where the life of the thing ends.',
      example: "emitter.off('heartbeat', onHeartbeat);",
      docs: 'docs/rules/node/listener-leak.md',
    },
    ...changes,
  };
}

/** A diagnosis with one finding, for tests of the text. */
export function sampleDiagnosis(changes: Partial<Diagnosis> = {}): Diagnosis {
  const dump = (label: string, heapBytes: number): Diagnosis['evidence'][number] => ({
    id: `e-${label}`,
    label,
    kind: 'heap-graph',
    format: 'v8-heapsnapshot',
    file: `dumps/${label}.heapsnapshot`,
    sha256: null,
    at: null,
    bytes: 12_345_678,
    objects: 84_113,
    heapBytes,
    partial: null,
  });
  return {
    schema: 'stanch/diagnosis@1',
    runtime: 'node',
    verdict: 'leak',
    confidence: 0.97,
    summary: 'Leak: 1 cause explains 96 % of the growth (1.49 MB of 1.55 MB).',
    sameProcess: true,
    evidence: [dump('A', 7_210_000), dump('B', 7_980_000), dump('C', 8_750_000)],
    growth: {
      fromBytes: 7_210_000,
      toBytes: 8_750_000,
      grownBytes: 1_550_000,
      shrunkBytes: 10_000,
      explainedBytes: 1_492_000,
      explainedShare: 0.9626,
      unexplained: [{ what: 'engine: compiled code, feedback, hidden classes', bytes: 58_000 }],
    },
    findings: [sampleFinding()],
    harmless: [
      {
        owner: 'BoardCache.boards (Map, 500 entries)',
        bytes: 120_000,
        objects: 40,
        why: 'it stays at its cap',
      },
    ],
    claims: [{ text: '298 listeners were removed', verdict: 'contradicted', because: 'none is gone' }],
    next: [
      { command: 'stanch path dumps/C.heapsnapshot n-1234 --all', why: 'shows all ways in which it is held' },
    ],
    ...changes,
  };
}
