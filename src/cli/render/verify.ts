import { amount, hours, round } from '../../confirm/words.ts';
import type { CauseVerification, FixVerdict, SideGrowth, Verification } from '../../verify/verification.ts';
import { type Line, line, type Style, span } from './text.ts';
import { field, wrap } from './wrap.ts';

const SIGNS: Readonly<Record<FixVerdict, { sign: string; style: Style }>> = {
  fixed: { sign: '✓', style: 'good-strong' },
  'still-leaking': { sign: '✗', style: 'bad-strong' },
  'not-enough-data': { sign: '?', style: 'warn-strong' },
};
const STATES: Readonly<Record<CauseVerification['state'], { sign: string; style: Style }>> = {
  gone: { sign: '✓', style: 'good-strong' },
  remains: { sign: '✗', style: 'bad-strong' },
  new: { sign: '!', style: 'bad-strong' },
};
const NAME_WIDTH = 14;

/** What was verified, for people: the verdict, both rates, the causes, what could have been seen. */
export function verifyLines(result: Verification, width: number): Line[] {
  const { verdict, summary, series, dumps, reasons, missing } = result;
  const { sign, style } = SIGNS[verdict];
  const columns = { indent: 2, nameWidth: NAME_WIDTH, width };
  const show = (name: string, ...values: readonly (string | null)[]): Line[] =>
    values
      .filter((value) => value !== null)
      .flatMap((value, at) => field(at === 0 ? name : '', line(value), columns));
  return [
    ...wrap(line(span(sign, style), ' ', span(summary, 'strong')), width, 2),
    line(),
    ...(series
      ? [
          ...show('metric', series.metric),
          ...show('before', rateText(series.before, series.unit)),
          ...show('after', rateText(series.after, series.unit)),
          ...show(
            'left',
            series.remaining &&
              `${percent(series.remaining.value)} of the leak, ${percent(series.remaining.low)} to ${percent(series.remaining.high)} (95 %)`,
          ),
          ...show(
            'smallest seen',
            series.smallestLeakPerHour === null
              ? null
              : `${amount(series.smallestLeakPerHour, series.unit)} an hour (95 of 100 times)`,
          ),
          ...show(
            'takes',
            series.neededHours === null ? null : `${hours(series.neededHours)} behind the warm-up to be sure`,
          ),
        ]
      : []),
    ...(dumps
      ? dumps.causes.flatMap((cause) =>
          wrap(
            line('  ', span(STATES[cause.state].sign, STATES[cause.state].style), ` ${causeText(cause)}`),
            width,
            4,
          ),
        )
      : []),
    ...show('because', ...reasons),
    ...show('missing', ...missing),
  ];
}

function rateText(side: SideGrowth, unit: Parameters<typeof amount>[1]): string | null {
  const { ratePerHour: rate, perOperation: each, judgedHours, shape } = side;
  if (!rate) return `${hours(side.hours)}, no rate to be had`;
  const time = judgedHours > 0 ? `, over ${hours(judgedHours)}` : '';
  const operation = each ? `; ${amount(each.value, unit)} for each operation` : '';
  return `${amount(rate.value, unit)} an hour, ${amount(rate.low, unit)} to ${amount(rate.high, unit)}${time}${operation}${shape ? ` (${shape})` : ''}`;
}

function causeText({ state, title, before, after, remainingShare, signature }: CauseVerification): string {
  const counts = [before?.objects, after?.objects].map((count) => (count === undefined ? '–' : round(count)));
  const share = remainingShare === null ? '' : `, ${percent(remainingShare)} at equal load`;
  return `${state}: ${title} (${counts.join(' → ')} objects${share}; ${signature})`;
}

function percent(share: number): string {
  return `${round(share * 100)} %`;
}
