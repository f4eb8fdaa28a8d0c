import { formatBytes, formatShare } from '../../base/units.ts';
import { amount, hours } from '../../confirm/words.ts';
import type { Diagnosis } from '../../model/finding.ts';
import type { CauseVerification, SideGrowth, Verification } from '../../verify/verification.ts';
import { type Block, fields, list, paragraph, type Text, table } from '../blocks.ts';
import { blocksHtml } from '../blocks-html.ts';
import { type Dated, namingDiagnosis } from '../report-input.ts';
import { type AnySection, section } from '../section.ts';
import { timeText } from '../words.ts';

interface Proof {
  readonly verification: Dated<Verification> | null;
  /** How many came before it. */
  readonly earlier: number;
  /** A diagnosis after the one that names the causes. */
  readonly afterwards: {
    readonly at: string;
    readonly verdict: Diagnosis['verdict'];
    readonly summary: string;
  } | null;
}

/** Whether the fix holds, and how small a leak would have been seen. */
export const verification: AnySection = section<Proof>({
  id: 'verification',
  title: 'Verification',
  build(input) {
    const { verifications, diagnoses } = input;
    const naming = namingDiagnosis(input);
    const later = naming && diagnoses.findLast(({ at, value }) => at > naming.at && value.verdict !== 'leak');
    if (verifications.length === 0 && !later) return null;
    return {
      verification: verifications.at(-1) ?? null,
      earlier: Math.max(0, verifications.length - 1),
      afterwards: later ? { at: later.at, verdict: later.value.verdict, summary: later.value.summary } : null,
    };
  },
  html: (data) => blocksHtml(blocksOf(data)),
  text: blocksOf,
});

const WORDS = {
  fixed: { tone: 'good', text: 'Fixed' },
  'still-leaking': { tone: 'bad', text: 'Still leaking' },
  'not-enough-data': { tone: 'warn', text: 'Not enough data' },
} as const;

function blocksOf({ verification: proof, earlier, afterwards }: Proof): Block[] {
  const blocks: Block[] = [];
  if (proof) blocks.push(...proofBlocks(proof));
  if (earlier > 0)
    blocks.push(
      paragraph({ dim: `${earlier} earlier ${earlier === 1 ? 'attempt' : 'attempts'} on the timeline.` }),
    );
  if (afterwards)
    blocks.push(
      paragraph({ strong: 'Dumps taken afterwards: ' }, afterwards.summary, {
        dim: `  ${timeText(afterwards.at)}`,
      }),
    );
  return blocks;
}

function proofBlocks({ at, value }: Dated<Verification>): Block[] {
  const { series, dumps, reasons, missing, summary, verdict } = value;
  // What became of each cause stands in the table.
  const told = new Set((dumps?.causes ?? []).map(({ title }) => `gone: ${title}`));
  const others = reasons.filter((reason) => !told.has(reason));
  return [
    paragraph(WORDS[verdict], `: ${summary.replace(/^(?:Fixed|Still leaking|Not enough data): /, '')}`, {
      dim: `  ${timeText(at)}`,
    }),
    ...(series === null
      ? []
      : [
          table(
            `${series.metric} before and after the fix`,
            ['', '>Rate an hour', '>Seen', '>Judged', 'By itself'],
            (['before', 'after'] as const).map((side) => sideRow(side, series[side], series.unit)),
          ),
          fields(
            [
              'Left of the leak',
              series.remaining &&
                `${formatShare(series.remaining.value)}, ${formatShare(Math.max(0, series.remaining.low))} to ${formatShare(Math.max(0, series.remaining.high))} (95 %)`,
            ],
            [
              'Would have seen',
              series.smallestLeakPerHour === null
                ? null
                : `a leak of ${amount(series.smallestLeakPerHour, series.unit)} an hour`,
            ],
            [
              'Fixed below',
              `${amount(series.thresholdPerHour, series.unit)} an hour, ${formatShare(series.tolerance)} of the leak`,
            ],
            ['Time it takes', series.neededHours === null ? null : hours(series.neededHours)],
            ['Load', series.loadRatio === null ? null : `${formatShare(series.loadRatio)} of that before`],
          ),
        ]),
    ...(dumps === null || dumps.causes.length === 0
      ? []
      : [
          table(
            'Causes before and after the fix',
            ['Cause', 'State', '>Before', '>After'],
            dumps.causes.map(causeRow),
          ),
        ]),
    ...(others.length + missing.length === 0
      ? []
      : [list([...others, ...missing.map((text): Text => [{ tone: 'warn', text: 'missing: ' }, text])])]),
  ];
}

function sideRow(
  name: string,
  { ratePerHour: rate, hours: seen, judgedHours, verdict, shape }: SideGrowth,
  unit: Parameters<typeof amount>[1],
): Text[] {
  return [
    [{ strong: name }],
    rate === null
      ? 'not known'
      : `${amount(rate.value, unit)} (${amount(rate.low, unit)} to ${amount(rate.high, unit)})`,
    hours(seen),
    hours(judgedHours),
    `${verdict}${shape === null ? '' : ` (${shape})`}`,
  ];
}

function causeRow({ title, owner, state, before, after }: CauseVerification): Text[] {
  const grown = (side: CauseVerification['before']): string =>
    side === null ? '–' : formatBytes(side.bytes);
  return [
    title.includes(owner.replace(/ \(.*$/, '')) ? [title] : [title, { dim: ` – ${owner}` }],
    [
      {
        gone: { tone: 'good', text: 'gone' } as const,
        remains: { tone: 'bad', text: 'remains' } as const,
        new: { tone: 'bad', text: 'new' } as const,
      }[state],
    ],
    grown(before),
    grown(after),
  ];
}
