import { describe, expect, test } from 'vitest';
import { accountOf } from './account.ts';
import { diagnosisLines } from './diagnosis.ts';
import { sampleDiagnosis, sampleFinding } from './sample-diagnosis.ts';
import { paint } from './text.ts';

const NOTHING_LEFT_OUT = { unreadable: [], notes: [] };

function textOf(
  diagnosis = sampleDiagnosis(),
  width = 100,
  sortedOut: Parameters<typeof diagnosisLines>[1] = NOTHING_LEFT_OUT,
) {
  return paint(diagnosisLines(diagnosis, sortedOut, width), false);
}

describe('a diagnosis', () => {
  test('reads like this', () => {
    expect(textOf()).toMatchInlineSnapshot(`
      "✗ Leak: 1 cause explains 96 % of the growth (1.49 MB of 1.55 MB).  97 % sure

           objects     heap    file
        A   84,113  7.21 MB    dumps/A.heapsnapshot
        B   84,113  7.98 MB    dumps/B.heapsnapshot
        C   84,113  8.75 MB    dumps/C.heapsnapshot

      1  Listeners for 'heartbeat' are added on every join and never removed  listener-leak
         owner         PresenceService.socket → Socket._events.heartbeat (Array, 3,456 entries)
         added at      src/services/presence.service.js:57
         held at       src/websocket/socket.js:19
         objects       1,234 → 2,345 → 3,456  +2,222, 1 per operation, 659 per hour
         bytes         +1.49 MB, 96 % of the growth; it keeps 2.30 MB in all
                       800 kB → 1.55 MB → 2.29 MB
         members       2,222 × onHeartbeat() @ src/services/presence.service.js:57  n-1234
         confidence    97 %: it grew in each of 2 intervals; the line that adds them was found in the
                       source
         against       one listener is added at start-up
         also held by  PresenceService.recent[]
         path          ✓ (GC roots)  root
                       ? .bus EventEmitter  n-12
                       ✗ ._events.heartbeat Array  n-34  new since the first dump
         remedy        Keep the function and take it off where the life of the thing ends.
                         emitter.off('heartbeat', onHeartbeat);
                       docs/rules/node/listener-leak.md

      Looked at, and no leak
        ✓ BoardCache.boards (Map, 500 entries)  +120 kB, 40 objects
          it stays at its cap

      Claims
        ✗ 298 listeners were removed: none is gone

      Where the growth went  bytes, each counted once
        1,492,000   96 %  f-1 Listeners for 'heartbeat' are added on every join and never removed
           58,000    4 %  engine: compiled code, feedback, hidden classes
        1,550,000  100 %  grown
          -10,000         shrunk elsewhere
        1,540,000         the heap from 7.21 MB to 8.75 MB

      Next
        stanch path dumps/C.heapsnapshot n-1234 --all
            shows all ways in which it is held
      "
    `);
  });

  test.each([60, 80, 100])('fits %i columns, whatever it holds', (width) => {
    const long = 'x'.repeat(300);
    const wordy = 'some words of a long story '.repeat(20);
    const diagnosis = sampleDiagnosis({
      summary: wordy,
      findings: [
        sampleFinding({
          title: wordy,
          owner: `Service.${long}`,
          location: { file: `/srv/${'folder/'.repeat(30)}file.js`, line: 99_999, role: 'adds' },
          members: [{ shape: long, objects: 1, sample: 'n-1' }],
          alsoHeldBy: [long, wordy],
          against: [wordy],
          reasons: [long],
          path: [{ node: long, via: `.${long}`, leaking: 'yes', why: wordy, handle: 'n-1' }],
          remedy: { summary: wordy, example: `${long}\n${wordy}`, docs: 'docs/x.md' },
        }),
      ],
      harmless: [{ owner: long, bytes: 1, objects: 1, why: wordy }],
      // A command may be wider when a single word of it is: it must stay one word.
      next: [{ command: `stanch diagnose ${'dumps/A.heapsnapshot '.repeat(9)}--source .`, why: wordy }],
    });
    const sortedOut = { unreadable: [{ file: long, reason: wordy }], notes: [wordy] };
    const widest = Math.max(
      ...textOf(diagnosis, width, sortedOut)
        .split('\n')
        .map((text) => text.length),
    );
    expect(widest).toBeLessThanOrEqual(width);
  });

  test('of different processes says so', () => {
    expect(textOf(sampleDiagnosis({ sameProcess: false }))).toContain('different processes');
  });

  test('of a truncated dump says what is missing', () => {
    const diagnosis = sampleDiagnosis();
    diagnosis.evidence[1]!.partial = 'names after the first 2000';
    expect(textOf(diagnosis)).toContain('B: only a part could be read; missing: names after the first 2000');
  });

  test('names the evidence that was left out', () => {
    const text = textOf(sampleDiagnosis(), 100, {
      unreadable: [{ file: 'D.heapsnapshot', reason: 'at byte 900: expected more' }],
      notes: ['ordered by what the dumps hold'],
    });
    expect(text).toContain('✗ D.heapsnapshot left out: at byte 900: expected more');
    expect(text).toContain('· ordered by what the dumps hold');
  });

  test('without findings is short', () => {
    const calm = sampleDiagnosis({
      verdict: 'no-leak',
      summary: 'No leak.',
      findings: [],
      harmless: [],
      claims: [],
      next: [],
    });
    expect(textOf(calm).split('\n')[0]).toBe('✓ No leak.  97 % sure');
  });

  test('that is not sure of a finding calls it a suspect', () => {
    expect(textOf(sampleDiagnosis({ findings: [sampleFinding({ confidence: 0.4 })] }))).toContain(
      ', a suspect',
    );
  });
});

describe('the account', () => {
  const sumOf = (diagnosis: Parameters<typeof accountOf>[0]): number =>
    accountOf(diagnosis).reduce((sum, { bytes }) => sum + bytes, 0);

  test('adds up', () => {
    expect(sumOf(sampleDiagnosis())).toBe(1_550_000);
  });

  test('has a line for causes that are not shown, and one for what nobody was given', () => {
    const diagnosis = sampleDiagnosis({
      findings: [],
      growth: { ...sampleDiagnosis().growth, unexplained: [] },
    });
    expect(accountOf(diagnosis)).toEqual([
      { what: 'causes beyond those shown', bytes: 1_492_000 },
      { what: 'not given to anyone', bytes: 58_000 },
    ]);
    expect(sumOf(diagnosis)).toBe(1_550_000);
  });
});
