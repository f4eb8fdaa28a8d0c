import { amount, hours } from '../../confirm/words.ts';
import { type Block, fields, list, type Text } from '../blocks.ts';
import { blocksHtml } from '../blocks-html.ts';
import { incidentSeries, type ReportInput } from '../report-input.ts';
import { type AnySection, section } from '../section.ts';
import { timeText } from '../words.ts';

interface Alert {
  readonly triggered: string | null;
  readonly opened: string;
  readonly texts: readonly { readonly at: string; readonly text: string }[];
  /** Severity, team and whatever else somebody has written down. */
  readonly facts: readonly (readonly [string, string])[];
  readonly measured: readonly (readonly [string, string])[];
  readonly impact: readonly { readonly at: string; readonly text: string }[];
}

const ABOUT: readonly (readonly [string, string])[] = [
  ['severity', 'Severity'],
  ['service', 'Service'],
  ['team', 'Team'],
  ['assigned', 'Assigned'],
];

/** What woke somebody up, and what was measured of it. */
export const alert: AnySection = section<Alert>({
  id: 'alert',
  title: 'Alert',
  build(input) {
    const { view, settings } = input;
    const alerts = view.timeline.filter(({ kind }) => kind === 'alert');
    const impact = view.timeline
      .filter(({ kind }) => kind === 'impact')
      .map(({ at, text }) => ({ at, text }));
    const facts = [
      ...ABOUT.flatMap(([key, name]): [string, string][] => (settings[key] ? [[name, settings[key]]] : [])),
      ...alerts.flatMap((each) => Object.entries(each.facts ?? {})),
    ];
    if (alerts.length === 0 && impact.length === 0 && facts.length === 0) return null;
    return {
      triggered: alerts[0]?.at ?? null,
      opened: view.createdAt,
      texts: alerts.map(({ at, text }) => ({ at, text })),
      facts,
      measured: measuredOf(input),
      impact,
    };
  },
  html: (data) => blocksHtml(blocksOf(data)),
  text: blocksOf,
});

function blocksOf({ triggered, opened, texts, facts, measured, impact }: Alert): Block[] {
  const said = ({ at, text }: { at: string; text: string }): Text => [{ dim: `${timeText(at)}  ` }, text];
  return [
    fields(
      ['Triggered', triggered && `${timeText(triggered)} UTC`],
      ['Case opened', `${timeText(opened)} UTC`],
      ...facts,
      ...measured,
    ),
    ...(texts.length === 0 ? [] : [list(texts.map(said))]),
    ...(impact.length === 0
      ? []
      : [{ kind: 'heading', text: 'Impact on users' } as const, list(impact.map(said))]),
  ];
}

function measuredOf(input: ReportInput): [string, string][] {
  const series = incidentSeries(input)?.value;
  if (!series) return [];
  const { metric, samples, unit, limit, timeToLimit } = series;
  const last = samples?.values.at(-1);
  return [
    ['Metric', metric],
    ...(last === undefined ? [] : ([['Last value', amount(last, unit)]] as [string, string][])),
    ...(limit === null
      ? []
      : ([
          [
            'Limit',
            `${amount(limit, unit)}${last === undefined ? '' : `, ${Math.round((last / limit) * 100)} % of it used`}`,
          ],
        ] as [string, string][])),
    ...(timeToLimit === null
      ? []
      : ([['Time to the limit', hours(timeToLimit.hours)]] as [string, string][])),
  ];
}
