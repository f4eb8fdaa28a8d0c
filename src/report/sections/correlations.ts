import type { Confirmation } from '../../confirm/confirmation.ts';
import { amount } from '../../confirm/words.ts';
import type { Unit } from '../../model/series-unit.ts';
import { type Block, paragraph, table } from '../blocks.ts';
import { blocksHtml } from '../blocks-html.ts';
import { incidentSeries } from '../report-input.ts';
import { type AnySection, section } from '../section.ts';

interface Correlations {
  readonly metric: string;
  readonly unit: Unit | null;
  readonly correlates: Confirmation['correlates'];
  readonly ledgers: NonNullable<Confirmation['ledgers']>;
}

/** What the growth moves with, and what it does not move with. */
export const correlations: AnySection = section<Correlations>({
  id: 'correlations',
  title: 'What it grows with',
  build(input) {
    const series = incidentSeries(input)?.value;
    if (!series || series.correlates.length + (series.ledgers?.length ?? 0) === 0) return null;
    const { metric, unit, correlates, ledgers = [] } = series;
    return { metric, unit, correlates, ledgers };
  },
  html: (data) => blocksHtml(blocksOf(data)),
  text: blocksOf,
});

const WORDS = {
  related: { tone: 'bad', text: 'grows with it' },
  unrelated: 'does not',
  unknown: { dim: 'cannot be told' },
} as const;

function blocksOf({ metric, unit, correlates, ledgers }: Correlations): Block[] {
  return [
    ...(correlates.length === 0
      ? []
      : [
          table(
            `How ${metric} moves with what the service does, on differences from sample to sample`,
            ['Activity', 'Verdict', '>r', '>For each one'],
            correlates.map(({ metric: name, verdict, r, perOperation }) => [
              [{ code: name }],
              [WORDS[verdict]],
              verdict === 'unknown' ? '' : r.toFixed(2),
              perOperation === null ? '' : amount(perOperation.value, unit),
            ]),
          ),
          paragraph({
            dim: 'Levels of any two things that rise are alike; therefore differences, and allowance for how many were tried.',
          }),
        ]),
    ...(ledgers.length === 0
      ? []
      : [
          table(
            'What is opened and closed',
            ['Opened − closed', '>Left open', '>Each, if it were all', 'Verdict'],
            ledgers.map(({ opened, closed, leftOpen, bytesEach, verdict }) => [
              [{ code: opened }, ' − ', { code: closed }],
              Math.round(leftOpen).toLocaleString('en-US'),
              bytesEach === null ? '' : amount(bytesEach, unit),
              {
                explains: 'can explain it',
                'cannot-explain': 'cannot explain it',
                unknown: 'cannot be told',
              }[verdict],
            ]),
          ),
        ]),
  ];
}
