import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { growthParts } from './charts/growth-account.ts';
import { memoryDrawing } from './charts/memory-drawing.ts';
import { visible } from './html.ts';
import { buildReport } from './report.ts';
import type { ReportInput } from './report-input.ts';
import {
  emptyInput,
  sampleDiagnosis,
  sampleFinding,
  sampleRecord,
  sampleSeries,
  sampleView,
} from './testing/sample-input.ts';
import { htmlPage } from './writers/html.ts';
import { reportDocument } from './writers/json.ts';
import { markdown } from './writers/markdown.ts';

const at = '2024-01-21T04:00:00.000Z';
const full = (changes: Partial<ReportInput> = {}): ReportInput =>
  emptyInput({
    diagnoses: [{ at, value: sampleDiagnosis() }],
    confirmations: [{ at, value: sampleSeries() }],
    ...changes,
  });
const idsOf = (input: ReportInput): string[] => buildReport(input).sections.map(({ id }) => id);

test('a case that knows nothing says what is missing, and makes nothing up', () => {
  const report = buildReport(emptyInput());
  expect(idsOf(emptyInput())).toEqual(['summary', 'timeline', 'missing']);
  const text = markdown(report);
  expect(text).toContain('The cause is not known yet');
  for (const command of [
    '--kind alert',
    'stanch confirm',
    'stanch capture',
    'stanch mitigate',
    'stanch verify',
  ])
    expect(text).toContain(command);
});

test('sections that have something to say stand in the order of the incident', () => {
  expect(idsOf(full())).toEqual(['summary', 'timeline', 'memory', 'growth', 'causes', 'files', 'missing']);
});

test('the first sentence carries the share that is explained', () => {
  const [summary] = reportDocument(buildReport(full())).sections;
  expect(summary).toMatchObject({
    data: { sentences: [expect.stringContaining('90 %'), expect.stringContaining('60.0 MB an hour')] },
  });
});

test('what dumps have shown is not put in doubt by memory that was watched too briefly', () => {
  const watched = sampleSeries({ verdict: 'inconclusive', ratePerHour: null, missing: ['needs 3 h'] });
  const said = (input: ReportInput): string => markdown(buildReport(input));
  const both = said(full({ confirmations: [{ at, value: watched }] }));
  expect(both).toMatch(/known from dumps; by .* alone it could not be told yet: needs 3 h/);
  expect(said(emptyInput({ confirmations: [{ at, value: watched }] }))).toMatch(
    /Whether .* cannot be told yet/,
  );
});

test('a reader meets each thing once: names of files, how an act ended, what became of a cause', () => {
  const title = 'SessionStore.sessions gains entries';
  const cause = {
    signature: 's-1',
    pattern: 'unbounded-collection' as const,
    title,
    owner: 'SessionStore.sessions (Map, 9 entries)',
    state: 'gone' as const,
    before: { objects: 9, bytes: 900, perHour: null, perOperation: null },
    after: null,
    remainingShare: null,
  };
  const value = {
    schema: 'stanch/verify@1' as const,
    verdict: 'fixed' as const,
    summary: 'Fixed: 1 of 1 causes are gone and nothing else grows',
    series: null,
    dumps: {
      verdict: 'fixed' as const,
      causes: [cause],
      operations: { before: null, after: null },
      reasons: [],
      missing: [],
    },
    reasons: [`gone: ${title}`, 'how much was done is not known'],
    missing: [],
  };
  const act = { mitigation: 'm1', outcome: 'done', phase: 'outcome' };
  const view = sampleView({
    timeline: [
      sampleRecord({
        kind: 'capture',
        at: '2024-01-21T02:07:00Z',
        text: 'r-1/A.json, r-1/A.names.jsonl: ruby',
      }),
      sampleRecord({
        kind: 'action',
        at,
        text: 'restart: about to tell worker 3 to end',
        facts: { mitigation: 'm1', phase: 'intent' },
      }),
      sampleRecord({ kind: 'action', at, text: 'restart: done: 3 → 4', facts: act }),
    ],
  });
  const text = markdown(buildReport(emptyInput({ view, verifications: [{ at, value }] })));
  expect(text).toContain('r-1/A.json, A.names.jsonl: ruby');
  expect(text).toContain('2024-01-21 02:07:00');
  expect(text).toMatch(/restart: tell worker 3 to end .*\*\*done\*\* 3 → 4 /);
  expect(text).not.toMatch(/SessionStore\.sessions gains entries – /);
  expect(text).not.toContain('gone: SessionStore');
  expect(text).toContain('how much was done is not known');
});

test('the parts of the growth add up to all of it, also where nobody is named', () => {
  const diagnosis = sampleDiagnosis();
  const parts = growthParts(diagnosis);
  expect(parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(diagnosis.growth.grownBytes);
  expect(parts.map(({ kind, bytes }) => [kind, bytes])).toEqual([
    ['cause', 900_000],
    ['unexplained', 60_000],
    ['unexplained', 40_000],
  ]);
});

test('a diagnosis of the fixed build proves, and the causes stay those of the leak', () => {
  const clean = sampleDiagnosis({ verdict: 'no-leak', findings: [], summary: 'No leak: nothing grew.' });
  const input = full({
    diagnoses: [
      { at, value: sampleDiagnosis() },
      { at: '2024-01-21T09:00:00.000Z', value: clean },
    ],
  });
  const text = markdown(buildReport(input));
  expect(text).toContain('SessionStore.sessions gains entries');
  expect(text).toMatch(/## Verification[\s\S]*No leak: nothing grew/);
});

test('the slope goes on to the limit, and captures and actions are marked where they were', () => {
  const timeline = [
    sampleRecord({ kind: 'capture', at: '2024-01-21T02:00:00Z', text: 'B', facts: { label: 'B' } }),
    sampleRecord({ kind: 'action', at: '2024-01-21T02:30:00Z', text: 'worker restarted' }),
    sampleRecord({ kind: 'action', at: '2023-01-21T02:30:00Z', text: 'long before' }),
  ];
  const drawing = memoryDrawing(sampleSeries(), timeline)!;
  expect(drawing.marks.map(({ sign, kind }) => `${sign} ${kind}`)).toEqual(['B capture', '1 action']);
  const projected = drawing.slopes.find((each) => each.projected)!;
  expect(projected.to[1]).toBe(400e6);
  expect(projected.to[0]).toBe(Date.UTC(2024, 0, 21, 3) + 1.2 * 3_600_000);
  expect(memoryDrawing(sampleSeries({ samples: null, floor: null }), timeline)).toBeNull();
});

test('a limit far above is said in words instead of pressing the curve flat', () => {
  const far = memoryDrawing(
    sampleSeries({ limit: 4e9, timeToLimit: { limitBytes: 4e9, hours: 60, low: 50, high: null } }),
    [],
  )!;
  expect(far).toMatchObject({ limit: null, limitAbove: 4e9 });
});

test('an outcome stands with its act, with the memory before and after', () => {
  const facts = {
    mitigation: 'm1',
    outcome: 'done',
    memoryBeforeBytes: '900000000',
    memoryAfterBytes: '200000000',
  };
  const view = sampleView({
    timeline: [
      sampleRecord({
        kind: 'action',
        at,
        text: 'restart worker 3',
        facts: { mitigation: 'm1', phase: 'intent' },
      }),
      sampleRecord({ kind: 'action', at, text: 'worker 3 replaced', facts: { ...facts, phase: 'outcome' } }),
    ],
  });
  const section = reportDocument(buildReport(emptyInput({ view }))).sections.find(
    ({ id }) => id === 'mitigations',
  );
  expect(section?.data).toEqual({
    acts: [
      {
        at,
        text: 'restart worker 3',
        outcome: 'done',
        outcomeText: 'worker 3 replaced',
        memory: { beforeBytes: 900_000_000, afterBytes: 200_000_000 },
      },
    ],
  });
});

const HOSTILE =
  '</style><script>alert(1)</script>"\' onload="x" <img src=http://evil.example/x>\u202egpj.exe`|**[x](http://evil.example)';

function hostileInput(): ReportInput {
  const view = sampleView({
    title: HOSTILE,
    timeline: [sampleRecord({ kind: 'note', at, text: HOSTILE })],
    evidence: [
      { sha256: 'a'.repeat(64), name: HOSTILE, bytes: 1, kind: 'other', format: HOSTILE, takenAt: HOSTILE },
    ],
  });
  const finding = sampleFinding({
    id: HOSTILE,
    title: HOSTILE,
    owner: HOSTILE,
    path: [{ node: HOSTILE, via: HOSTILE, handle: HOSTILE, leaking: 'yes', why: HOSTILE }],
    members: [{ shape: HOSTILE, objects: 1, sample: HOSTILE }],
    location: { file: HOSTILE, line: 1, role: 'adds' },
    reasons: [HOSTILE],
    remedy: { summary: HOSTILE, example: HOSTILE, docs: HOSTILE },
  });
  return full({
    view,
    folder: HOSTILE,
    settings: { service: HOSTILE },
    diagnoses: [{ at, value: sampleDiagnosis({ findings: [finding], summary: HOSTILE }) }],
    confirmations: [{ at, value: sampleSeries({ metric: HOSTILE, reasons: [HOSTILE] }) }],
  });
}

test('hostile names stay text in the page', () => {
  const page = htmlPage(buildReport(hostileInput()));
  expect(page.match(/<script/gi)).toBeNull();
  expect(page.match(/<img/gi)).toBeNull();
  expect(page.match(/<\/style>/gi)).toHaveLength(1);
  // Every attribute was written by us: a quote within a name never ends one.
  const tags = page.match(/<[a-z][^>]*>/gi)!;
  expect(
    tags.filter((tag) => /\son\w+\s*=|\sstyle\s*=|javascript:/i.test(tag.replace(/"[^"]*"/g, '""'))),
  ).toEqual([]);
  expect(page).not.toContain('\u202e');
});

test('the policy of the page names its style sheet by hash and allows no script', () => {
  const page = htmlPage(buildReport(full()));
  const style = /<style>([\s\S]*?)<\/style>/.exec(page)![1]!;
  const hash = createHash('sha256').update(style).digest('base64');
  expect(page).toContain(
    `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`,
  );
  expect(page).not.toMatch(/https?:\/\//);
});

test('hostile names stay text in Markdown', () => {
  const text = markdown(buildReport(hostileInput()));
  const outsideCode = text.replace(/(`+)[\s\S]*?[^`]\1(?!`)/g, '');
  expect(outsideCode).not.toMatch(/<(?!br)/);
  expect(outsideCode).not.toMatch(/(?<!\\)\]\(http/);
  const rows = text.split('\n').filter((line) => line.startsWith('|') && line.includes('evil'));
  // A bar within a cell is escaped, in code as well.
  const table = text.split('\n').find((line) => line.startsWith('| Name |'))!;
  const bars = (line: string): number => line.match(/(?<!\\)\|/g)!.length;
  expect(bars(rows.at(-1)!)).toBe(bars(table));
});

test('signs that hide or reorder text are shown', () => {
  expect(visible('a\u202eb\u0000c\u200bd\ne')).toBe('a\\u202eb\\u0000c\\u200bd\ne');
});

test('the JSON has the data of each section by its id', () => {
  const document = JSON.parse(JSON.stringify(reportDocument(buildReport(full()))));
  expect(document).toMatchObject({
    schema: 'stanch/report@1',
    title: 'checkout is killed every night',
    state: 'open',
  });
  expect(document.sections.find(({ id }: { id: string }) => id === 'causes').data.findings[0].signature).toBe(
    '360a93af1a05b386',
  );
});
