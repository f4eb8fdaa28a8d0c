import { formatBytes } from '../../base/units.ts';
import { round } from '../../confirm/words.ts';
import type { Verdict } from '../../model/finding.ts';
import type { BisectResult } from '../../scenario/bisect/bisect.ts';
import type { RunGrowth, RunResult } from '../../scenario/run-result.ts';
import { table } from './table.ts';
import { type Line, line, type Style, span } from './text.ts';
import { field, wrap } from './wrap.ts';

const SIGNS: Readonly<Record<Verdict, { sign: string; style: Style }>> = {
  leak: { sign: '✗', style: 'bad-strong' },
  'no-leak': { sign: '✓', style: 'good-strong' },
  inconclusive: { sign: '?', style: 'warn-strong' },
};

/** What was run, for people: the verdict, what each operation leaves behind, and where. */
export function runLines(result: RunResult, width: number): Line[] {
  const { verdict, summary, metrics, causes, patterns, reasons, missing } = result;
  const { sign, style } = SIGNS[verdict];
  const columns = { indent: 2, nameWidth: 11, width };
  const show = (name: string, ...values: readonly (string | null)[]): Line[] =>
    values
      .filter((value) => value !== null)
      .flatMap((value, at) => field(at === 0 ? name : '', line(value), columns));
  // Descriptors and threads are shown when they grow.
  const grown = [...patterns, ...causes, ...metrics.filter(({ unit, low }) => unit === 'bytes' || low > 0)];
  return [
    ...wrap(line(span(sign, style), ' ', span(summary, 'strong')), width, 2),
    line(),
    ...show('scenario', result.scenario),
    ...show('target', `${result.target}${result.runtime ? ` (${result.runtime})` : ''}`),
    ...show('rounds', roundsText(result)),
    ...show('evidence', result.folder && result.files.length > 0 ? result.folder : null),
    ...(grown.length > 0
      ? [
          line(),
          ...table(
            [
              { title: 'left behind', flexible: true },
              { title: 'for each', align: 'right' },
              { title: '95 %', align: 'right' },
              { title: 'of' },
            ],
            grown.map((each) => line(nameText(each), amountText(each), intervalText(each), perText(each))),
            width,
            2,
          ),
          line(),
        ]
      : []),
    ...locationLines(result, show),
    ...show('because', ...reasons.slice(causes.length)),
    ...show('missing', ...missing),
    ...show('warning', result.leftOpen),
  ];
}

function roundsText({ rounds, operation, operations, collected }: RunResult): string {
  const measured = rounds.filter(({ warmUp }) => !warmUp).length;
  const warm = rounds.filter(({ warmUp }) => warmUp).length - 1;
  const gc = collected ? 'a collection after each' : 'without a collection between them';
  return `${measured} with ${operations.toLocaleString('en-US')} × ${operation} in all, ${warm} to warm up, ${gc}`;
}

function locationLines(
  { diagnosis, causes }: RunResult,
  show: (name: string, ...values: readonly (string | null)[]) => Line[],
): Line[] {
  const places = causes.flatMap(({ finding }) => {
    const { location, id } = diagnosis?.findings.find((each) => each.id === finding) ?? {};
    return location ? [`${id}  ${location.file}:${location.line} (${location.role})`] : [];
  });
  return show('where', ...places);
}

function amountText({ value, exactly, unit }: RunGrowth): string {
  if (unit === 'bytes') return formatBytes(value);
  return exactly === null ? round(value) : `exactly ${round(exactly)}`;
}

function intervalText({ low, high, unit }: RunGrowth): string {
  const text = unit === 'bytes' ? formatBytes : (value: number) => String(Number(value.toPrecision(4)));
  return `${text(low)} to ${text(high)}`;
}

function nameText({ what, finding }: RunGrowth): string {
  return finding === null ? what : `${finding} ${what}`;
}

/** Another thing that it goes with says something only if it is not the same said with a larger number. */
function perText({ per, also, exactly }: RunGrowth): string {
  const other = also.find((each) => each.exactly <= (exactly ?? 0));
  return other ? `${per} (or ${other.exactly} of ${other.per})` : per;
}

const STEP_SIGNS = {
  leak: { sign: '✗', style: 'bad' },
  clean: { sign: '✓', style: 'good' },
  skipped: { sign: '–', style: 'dim' },
} as const;

/** What a bisection found, for people. */
export function bisectLines(result: BisectResult, width: number): Line[] {
  const { verdict, summary, steps, commits, between } = result;
  return [
    ...wrap(
      line(
        span(verdict === 'found' ? '✗' : '?', verdict === 'found' ? 'bad-strong' : 'warn-strong'),
        ' ',
        span(summary, 'strong'),
      ),
      width,
      2,
    ),
    line(),
    ...table(
      [
        { title: '' },
        { title: 'commit' },
        { title: 'for each', align: 'right' },
        { title: '', flexible: true },
      ],
      steps.map(({ commit, subject, result: found, bytesPerOperation: bytes, note }) =>
        line(
          span(STEP_SIGNS[found].sign, STEP_SIGNS[found].style),
          commit.slice(0, 12),
          bytes ? formatBytes(bytes.value) : '',
          note === null ? subject : `${subject}: ${note}`,
        ),
      ),
      width,
      2,
    ),
    line(span(`  ${steps.length} of ${between + 1} commits were run`, 'dim')),
    ...(commits.length > 1
      ? commits.map(({ hash, subject }) => line(`  ${hash.slice(0, 12)} ${subject}`))
      : []),
  ];
}
