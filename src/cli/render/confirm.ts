import { formatBytes } from '../../base/units.ts';
import type { Confirmation } from '../../confirm/confirmation.ts';
import { amount, hours } from '../../confirm/words.ts';
import type { Verdict } from '../../model/finding.ts';
import { seriesId } from '../../model/series.ts';
import type { UnreadableEvidence } from '../../sources/evidence.ts';
import { chartLines } from './chart.ts';
import { unreadableLines } from './notes.ts';
import { plural } from './numbers.ts';
import { table } from './table.ts';
import { type Line, line, type Style, span } from './text.ts';
import { field, middleCut, wrap } from './wrap.ts';

const VERDICTS: Readonly<Record<Verdict, { sign: string; style: Style; word: string }>> = {
  leak: { sign: '✗', style: 'bad-strong', word: 'Leak' },
  'no-leak': { sign: '✓', style: 'good-strong', word: 'No leak' },
  inconclusive: { sign: '?', style: 'warn-strong', word: 'Cannot tell yet' },
};

const SHOWN_SERIES = 25;
const NAME_WIDTH = 12;

/** What was confirmed, for people: the worst series in full, the others in a table. */
export function confirmLines(
  results: readonly Confirmation[],
  sorted: { unreadable: readonly UnreadableEvidence[]; notes: readonly string[] },
  width: number,
): Line[] {
  const [worst] = results;
  if (!worst) return unreadableLines(sorted.unreadable, sorted.notes, width);
  return [
    ...headLines(worst, width),
    ...drawnLines(worst, width),
    ...fieldLines(worst, width),
    ...unreadableLines(sorted.unreadable, sorted.notes, width),
    ...(results.length > 1 ? [line(), ...rankLines(results, width)] : []),
  ];
}

function headLines(result: Confirmation, width: number): Line[] {
  const { sign, style, word } = VERDICTS[result.verdict];
  const shape = result.shape === null ? '' : ` (${result.shape})`;
  const rate = result.ratePerHour ? `: ${amount(result.ratePerHour.value, result.unit)} an hour` : '';
  const limit = result.timeToLimit ? `, ${hours(result.timeToLimit.hours)} to the limit` : '';
  return wrap(line(span(`${sign} ${word}`, style), `${rate}${limit}`, span(shape, 'dim')), width, 2);
}

const CHART_ROWS = 8;
const CHART_COLUMNS = 60;

function drawnLines(result: Confirmation, width: number): Line[] {
  const { floor, unit, window, ratePerHour, timeToLimit, onset, restarts } = result;
  if (floor.values.length < 2) return [];
  const columns = Math.max(16, Math.min(CHART_COLUMNS, width - 16));
  const marks = [
    ...restarts.map(({ at }) => ({ atMs: Date.parse(at), sign: '╵' })),
    ...(onset === null ? [] : [{ atMs: Date.parse(onset), sign: '▲' }]),
  ];
  const isLoop = result.shape === 'restart-loop';
  const drawn = chartLines(
    {
      ...floor,
      slope:
        ratePerHour === null || isLoop
          ? null
          : {
              end: floor.values.at(-1)!,
              perMs: ratePerHour.value / 3_600_000,
              fromMs: onset === null ? floor.times[0]! : Date.parse(onset),
            },
      limit: timeToLimit?.limitBytes ?? null,
      marks,
    },
    { columns, rows: CHART_ROWS, label: (value) => amount(value, unit) },
  );
  const from = window.from;
  return [
    line(),
    ...drawn.map((each) => line('  ', ...each)),
    line(
      '  ',
      span(
        `${from}${' '.repeat(Math.max(2, columns + 10 - from.length - window.to.length))}${window.to}`,
        'dim',
      ),
    ),
    line(),
  ];
}

function fieldLines(result: Confirmation, width: number): Line[] {
  const columns = { indent: 2, nameWidth: NAME_WIDTH, width };
  const show = (name: string, ...values: readonly (string | null)[]): Line[] =>
    values.flatMap((value, at) => (value === null ? [] : field(at === 0 ? name : '', line(value), columns)));
  const { ratePerHour: rate, timeToLimit: limit, unit } = result;
  return [
    ...show('metric', seriesId({ name: result.metric, labels: result.labels })),
    ...show('window', `${plural(result.window.samples, 'sample')}, ${result.window.stepSeconds} s apart`),
    ...show(
      'rate',
      rate &&
        `${amount(rate.value, unit)} an hour, ${amount(rate.low, unit)} to ${amount(rate.high, unit)} (95 %)`,
    ),
    ...show(
      'limit',
      limit &&
        `${unit === 'bytes' ? formatBytes(limit.limitBytes) : amount(limit.limitBytes, unit)} in ${hours(limit.hours)}, ${hours(limit.low)} to ${limit.high === null ? 'no end' : hours(limit.high)}`,
    ),
    ...show(
      'since',
      result.onset && `${result.onset}${result.onsetEvent ? `, deploy '${result.onsetEvent}'` : ''}`,
    ),
    ...show(
      'restarts',
      result.restarts.length === 0
        ? null
        : `${result.restarts.length}, the last at ${result.restarts.at(-1)!.at} (told by ${result.restarts.at(-1)!.sign})`,
    ),
    ...show('grows with', ...relatedTexts(result)),
    ...show('because', ...result.reasons.filter((reason) => reason !== '')),
    ...show('missing', ...result.missing),
  ];
}

/** What moves with the memory, and what is opened and not closed. */
function relatedTexts({ correlates, ledgers }: Confirmation): string[] {
  const related = correlates
    .filter(({ verdict }) => verdict === 'related')
    .map(({ metric, r, n }) => `${metric} (r ${r.toFixed(2)} on differences, ${plural(n, 'pair')})`);
  const open = (ledgers ?? [])
    .filter(({ verdict }) => verdict === 'explains')
    .map(
      ({ opened, closed, leftOpen, bytesEach }) =>
        `${opened} − ${closed}: ${Math.round(leftOpen).toLocaleString('en-US')} left open${bytesEach === null ? '' : `, ${formatBytes(bytesEach)} each if that is all`}`,
    );
  return [...related, ...open];
}

function rankLines(results: readonly Confirmation[], width: number): Line[] {
  const leaks = results.filter(({ verdict }) => verdict === 'leak').length;
  const left = results.length - SHOWN_SERIES;
  return [
    line(span(`${leaks} of ${plural(results.length, 'series')} leak`.replace('seriess', 'series'), 'strong')),
    ...table(
      [
        { title: '' },
        { title: 'rate/h', align: 'right' },
        { title: 'limit in', align: 'right' },
        { title: 'shape' },
        { title: 'series', flexible: true, cut: middleCut },
      ],
      results
        .slice(0, SHOWN_SERIES)
        .map((result) =>
          line(
            span(VERDICTS[result.verdict].sign, VERDICTS[result.verdict].style),
            result.ratePerHour ? amount(result.ratePerHour.value, result.unit) : '',
            result.timeToLimit ? hours(result.timeToLimit.hours) : '',
            result.shape ?? '',
            seriesId({ name: result.metric, labels: result.labels }),
          ),
        ),
      width,
      2,
    ),
    ...(left > 0 ? [line(span(`  … and ${left} more (--json for all)`, 'dim'))] : []),
  ];
}
