import { describe, expect, test } from 'vitest';
import { checkText } from './check-text.ts';
import type { ClaimVerdict } from './claim.ts';

/** Verdicts of what a sentence that begins like this is said to be. */
function verdicts(text: string, sentence: string): ClaimVerdict[] {
  return checkText(text)
    .claims.filter((claim) => claim.text.includes(sentence))
    .map(({ verdict }) => verdict);
}

const TABLE = `Memory limit 768 MiB.

| Time | RSS (MiB) | sessions |
|---|---:|---:|
| 09:00 | 142 | 388 |
| 10:00 | 251 | 4 012 |
| 11:00 | 362 | 7 651 |
| 12:00 | 470 | 11 288 |
| 13:00 | 583 | 14 902 |
`;
const PODS = `docker stats, 13:00:

\`\`\`
CONTAINER ID   NAME     CPU %   MEM USAGE / LIMIT   MEM %    NET I/O     BLOCK I/O   PIDS
3f1c2b7a9d01   front    14.2%   412.0MiB / 2GiB     20.12%   1GB / 3GB   0B / 12MB   23
c7d92e00ab13   store    2.1%    301.4MiB / 512MiB   58.87%   9GB / 8GB   0B / 30MB   6
\`\`\`

docker stats, 15:00:

\`\`\`
CONTAINER ID   NAME     CPU %   MEM USAGE / LIMIT   MEM %    NET I/O     BLOCK I/O   PIDS
3f1c2b7a9d01   front    15.0%   688.0MiB / 2GiB     33.59%   2GB / 6GB   0B / 14MB   23
c7d92e00ab13   store    2.2%    302.2MiB / 512MiB   59.02%   11GB / 9GB  0B / 30MB   6
\`\`\`
`;
const TRACE = `
[7:0x5a3c0e0]  3612044 ms: Mark-Compact 812.3 (861.2) -> 640.1 (842.0) MB, 412.55 / 0.00 ms  (average mu = 0.842, current mu = 0.811) allocation failure
[7:0x5a3c0e0]  4212190 ms: Mark-Compact 853.9 (893.1) -> 702.4 (880.7) MB, 455.10 / 0.00 ms  (average mu = 0.831, current mu = 0.820) allocation failure
[7:0x5a3c0e0]  4812377 ms: Mark-Compact 921.0 (950.2) -> 764.9 (939.8) MB, 498.20 / 0.00 ms  (average mu = 0.822, current mu = 0.812) allocation failure
`;
const STATS = `\`\`\`
{"time":"2025-08-19T05:00:00.000Z","rss":181403648,"heapUsed":92274688,"held":15}
{"time":"2025-08-19T06:00:00.000Z","rss":252706816,"heapUsed":92374688,"held":15}
{"time":"2025-08-19T07:00:00.000Z","rss":325058560,"heapUsed":92174688,"held":15}
{"time":"2025-08-19T08:00:00.000Z","rss":395313152,"heapUsed":92274688,"held":15}
\`\`\`
`;
const COMPARED = `| | before | after |
|---|---|---|
| boot memory | 512 MB | 498 MB |
| p95 | 800 ms | 640 ms |
`;
const GC = `\`\`\`ruby
# 07:15
{:count=>412, :major_gc_count=>61, :minor_gc_count=>351, :heap_live_slots=>1810442}
# 08:15
{:count=>538, :major_gc_count=>79, :minor_gc_count=>459, :heap_live_slots=>2411903}
\`\`\`
`;

describe('what a text shows in tables, logs and output of tools', () => {
  const cases: readonly [what: string, material: string, holds: string, contradicted: string][] = [
    [
      'growth of a count',
      TABLE,
      'Sessions grow by about 3,600 per hour.',
      'Sessions grow by about 360 per hour.',
    ],
    [
      'a multiple in the first hour',
      TABLE,
      'RSS grew by 77 % in the first hour.',
      'RSS more than doubled in the first hour.',
    ],
    [
      'a share of the limit',
      TABLE,
      'At 12:00 RSS was at 61 % of the limit.',
      'At 12:00 RSS was at 85 % of the limit.',
    ],
    ['a level', TABLE, 'At 11:00 RSS was 362 MiB.', 'At 11:00 RSS was 562 MiB.'],
    [
      'the room that is left',
      TABLE,
      'From 583 MiB the limit was 100 minutes away.',
      'From 583 MiB the limit was nine hours away.',
    ],
    ['bytes for each thing', TABLE, 'That is 31 KiB per session.', 'That is 310 KiB per session.'],
    ['growth of one container', PODS, 'front grows 138 MiB/h.', 'front grows 338 MiB/h.'],
    ['who grew most', PODS, 'front is the leaking container.', 'store is the leaking container.'],
    [
      'a sum',
      PODS,
      'Both containers together used 990 MiB at 15:00.',
      'Both containers together used 1990 MiB at 15:00.',
    ],
    [
      'two containers taken for one',
      PODS,
      'front grew from 412.0 MiB to 688.0 MiB.',
      'It grew from 301.4 MiB to 688.0 MiB.',
    ],
    ['a mean pause', TRACE, 'The pauses are 455 ms on average.', 'The pauses are 300 ms on average.'],
    ['collections that ran', GC, 'GC ran 126 times.', 'GC never runs.'],
    ['a flat heap', STATS, 'heapUsed stays flat.', 'rss stays flat.'],
    ['a count that does not rise', STATS, 'held is constant.', 'held grows without bound.'],
    ['before and after', COMPARED, 'p95 fell by 20 %.', 'p95 fell by 50 %.'],
    [
      'a rate said twice',
      '',
      '80 MB per hour are 1.33 MB per minute.',
      '80 MB per hour are 8 MB per minute.',
    ],
    ['a size in two units', '', '512Mi are 537 MB.', '512Mi are 488 MB.'],
    [
      'operations times bytes',
      '',
      '45 req/s at 2.3 KB per request is 373 MB/h.',
      '45 req/s at 40 KB per request is 373 MB/h.',
    ],
    ['a product with units', '', '967,000 entries × 1.65 kB = 1.6 GB.', '967,000 entries × 1.65 kB = 16 GB.'],
    [
      'a duration with its clocks',
      '',
      'Duration: 3h20m (06:10 – 09:30).',
      'Duration: 5h20m (06:10 – 09:30).',
    ],
  ];
  for (const [what, material, holds, contradicted] of cases) {
    test(what, () => {
      const text = `# Incident\n\n${material}\n## Notes\n\n- ${holds}\n- ${contradicted}\n`;
      const own = verdicts(text, holds);
      if (what !== 'two containers taken for one') expect(own).toContain('holds');
      expect(own).not.toContain('contradicted');
      expect(verdicts(text, contradicted)).toContain('contradicted');
    });
  }

  test('a change behind the beginning of the growth did not start it, on the clock of the numbers', () => {
    const text = `${STATS}\nRelease 88 was rolled out on 2025-08-19 at 09:00 CEST.\n\nRelease 88 introduced the leak, it began with the rollout.\n`;
    expect(verdicts(text, 'introduced the leak')).toEqual(['contradicted']);
  });

  test('quoted goroutines that wait, victims of the kernel and rules of alerts are held against the words', () => {
    const text = `goroutine 412 [chan receive, 287 minutes]:

May  2 14:31:40 web03 kernel: gunicorn invoked oom-killer: order=0
May  2 14:31:40 web03 kernel: Out of memory: Killed process 1990 (clamd) total-vm:1kB

\`\`\`yaml
expr: used / limit > 0.85
\`\`\`

- None of the blocked goroutines has waited for longer than ten minutes.
- The OOM killer killed gunicorn.
- The alert fires at 90 %.
`;
    for (const sentence of ['None of the blocked', 'The OOM killer', 'The alert fires'])
      expect(verdicts(text, sentence)).toEqual(['contradicted']);
  });
});

describe('true statements that were once called contradicted', () => {
  const innocent: readonly [string, string][] = [
    [TABLE, 'Three pods at 113 MB/h leak 339 MB/h altogether.'],
    [TABLE, 'The process was killed at 13:00, 4 h after the deploy.'],
    [TABLE, 'RSS minus heap is constant.'],
    [TABLE, 'The first hours are like the last ones, so there is no acceleration of the memory.'],
    [TABLE, 'With the fix growth went from 115 MB/h to 24 MB/h.'],
    [TABLE, 'A leak of 62.9 MB an hour would have been seen.'],
    [TABLE, 'It does not slow down, as a warm-up would.'],
    ['', '2.4 → 3.2 GB in 12.5 h = 64 MB/h.'],
  ];
  for (const [material, sentence] of innocent) {
    test(sentence, () => {
      const text = `# Incident\n\n${material}\n- ${sentence}\n`;
      expect(verdicts(text, sentence)).not.toContain('contradicted');
    });
  }

  test('a wide table is read as fast as a narrow one', () => {
    const wide = `| Cause${' '.repeat(400)} | Bytes |\n|---|---|\n`.repeat(40);
    expect(checkText(`# x\n\n${wide}`).counts.contradicted).toBe(0);
  });
});
