import { formatShare } from '../../base/units.ts';
import { amount, hours } from '../../confirm/words.ts';
import { type Block, fields, list, type Text } from '../blocks.ts';
import { type Html, html } from '../html.ts';
import { incidentSeries, namingDiagnosis, type ReportInput } from '../report-input.ts';
import { type AnySection, section } from '../section.ts';

interface Figure {
  readonly name: string;
  readonly value: string;
  readonly note: string | null;
}

interface Summary {
  /** The first carries the share of the growth that is explained. */
  readonly sentences: readonly string[];
  readonly figures: readonly Figure[];
}

/** What somebody reads who reads nothing else. */
export const summary: AnySection = section<Summary>({
  id: 'summary',
  title: 'Summary',
  build(input) {
    const { verifications } = input;
    return {
      sentences: [
        namingDiagnosis(input)?.value.summary ?? 'The cause is not known yet: no diagnosis is in the case.',
        ...growthSentence(input),
        ...verifications.slice(-1).map(({ value }) => sentence(value.summary)),
      ],
      figures: figuresOf(input),
    };
  },
  html({ sentences, figures }): Html {
    const [first, ...rest] = sentences;
    return html`<p class="lede">${first}</p>
${rest.map((each) => html`<p>${each}</p>`)}
${figures.length === 0 ? null : html`<dl class="figures">${figures.map(({ name, value, note }) => html`<div><dt>${name}</dt><dd>${value}${note === null ? null : html` <small>${note}</small>`}</dd></div>`)}</dl>`}\n`;
  },
  text({ sentences, figures }): Block[] {
    const rows = figures.map(({ name, value, note }): readonly [string, Text] => [
      name,
      note === null ? value : [{ strong: value }, { dim: `  ${note}` }],
    ]);
    return [list(sentences), ...(rows.length === 0 ? [] : [fields(...rows)])];
  },
});

function growthSentence(input: ReportInput): string[] {
  const series = incidentSeries(input)?.value;
  if (!series) return [];
  const { verdict, metric, ratePerHour, unit, onset, onsetEvent, timeToLimit, shape } = series;
  if (verdict === 'no-leak') return [`${metric} does not leak${shape === null ? '' : ` (${shape})`}.`];
  if (verdict === 'inconclusive' || ratePerHour === null)
    return [untoldSentence(metric, series.missing[0], namingDiagnosis(input)?.value.verdict === 'leak')];
  const since = onset === null ? '' : ` since ${onset.slice(0, 16).replace('T', ' ')} UTC`;
  const deploy = onsetEvent === null ? '' : ` (${onsetEvent})`;
  const limit =
    timeToLimit === null
      ? ''
      : `; the limit of ${amount(timeToLimit.limitBytes, unit)} is ${hours(timeToLimit.hours)} away`;
  return [`${metric} grows by ${amount(ratePerHour.value, unit)} an hour${since}${deploy}${limit}.`];
}

/** Beside a leak that dumps have shown it must not read as if that were in doubt. */
function untoldSentence(metric: string, missing: string | undefined, isKnown: boolean): string {
  const why = missing === undefined ? '' : `: ${missing}`;
  return isKnown
    ? `That is known from dumps; by ${metric} alone it could not be told yet${why}.`
    : `Whether ${metric} leaks cannot be told yet${why}.`;
}

function figuresOf(input: ReportInput): Figure[] {
  const series = incidentSeries(input)?.value;
  const diagnosis = namingDiagnosis(input)?.value;
  const figures: Figure[] = [];
  const add = (name: string, value: string | null, note: string | null = null): void => {
    if (value !== null) figures.push({ name, value, note });
  };
  if (series?.verdict === 'leak') {
    const { ratePerHour: rate, timeToLimit: limit, unit } = series;
    add(
      'Growth an hour',
      rate && amount(rate.value, unit),
      rate && `${amount(rate.low, unit)} to ${amount(rate.high, unit)}`,
    );
    add(
      'Time to the limit',
      limit && hours(limit.hours),
      limit && `${hours(limit.low)} to ${limit.high === null ? 'no end' : hours(limit.high)}`,
    );
  }
  if (diagnosis && diagnosis.growth.grownBytes > 0)
    add(
      'Growth explained',
      formatShare(diagnosis.growth.explainedShare),
      `by ${diagnosis.findings.length} ${diagnosis.findings.length === 1 ? 'cause' : 'causes'}`,
    );
  if (diagnosis && diagnosis.verdict !== 'inconclusive') add('Confidence', formatShare(diagnosis.confidence));
  const fix = input.verifications.at(-1)?.value;
  if (fix)
    add(
      'Fix',
      { fixed: 'proven', 'still-leaking': 'does not hold', 'not-enough-data': 'not proven yet' }[fix.verdict],
    );
  return figures;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
