import { amount, hours } from '../../confirm/words.ts';
import { type Block, fields, heading, list, paragraph, table } from '../blocks.ts';
import { blocksHtml } from '../blocks-html.ts';
import { type Mark, type MemoryDrawing, memoryChart } from '../charts/memory-chart.ts';
import { memoryDrawing } from '../charts/memory-drawing.ts';
import { isDated } from '../charts/time-axis.ts';
import { type Html, html } from '../html.ts';
import { type ConfirmedSeries, type Dated, incidentSeries } from '../report-input.ts';
import { type AnySection, section } from '../section.ts';
import { timeText } from '../words.ts';

interface JudgedSeries {
  readonly heading: string;
  readonly series: Omit<ConfirmedSeries, 'samples' | 'floor'>;
  readonly drawing: MemoryDrawing | null;
  /** Memory at regular times, as an incident report has it. */
  readonly profile: readonly { readonly at: string; readonly value: number }[];
}

interface Memory {
  readonly judged: readonly JudgedSeries[];
}

const PROFILE_ROWS = 8;

/** How memory went: the curve, a table, and the rate with its interval. */
export const memory: AnySection = section<Memory>({
  id: 'memory',
  title: 'Memory profile',
  build(input) {
    const incident = incidentSeries(input);
    if (!incident) return null;
    const later = input.confirmations.findLast(({ at }) => at > incident.at);
    const both: [string, Dated<ConfirmedSeries>][] = [
      ['During the incident', incident],
      ...(later ? ([['Afterwards', later]] as [string, Dated<ConfirmedSeries>][]) : []),
    ];
    return {
      judged: both.map(([title, { value }]) => {
        const { samples: _, floor: __, ...series } = value;
        return {
          heading: later ? title : '',
          series,
          drawing: memoryDrawing(value, input.view.timeline),
          profile: profileOf(value),
        };
      }),
    };
  },
  html: ({ judged }) =>
    html`${judged.map((each, at) => [headingHtml(each), figureHtml(each, `memory-${at + 1}`), blocksHtml(blocksOf(each))])}`,
  text: ({ judged }) =>
    judged.flatMap((each) => [
      ...(each.heading === '' ? [] : [heading(each.heading)]),
      ...blocksOf(each),
      ...marksText(each),
    ]),
});

function headingHtml({ heading: text }: JudgedSeries): Html | null {
  return text === '' ? null : html`<h3>${text}</h3>`;
}

function figureHtml({ drawing }: JudgedSeries, id: string): Html | null {
  if (drawing === null) return null;
  const { marks, slopes, floor, limit, limitAbove, unit } = drawing;
  return html`<figure>
${memoryChart(drawing, { id: `${id}-wide`, width: 960, height: 360 })}
${memoryChart(drawing, { id: `${id}-narrow`, width: 400, height: 330 })}
<figcaption><ul class="legend"><li><span class="swatch samples"></span>measured</li>${
    floor.length > 1
      ? html`<li><span class="swatch floor"></span>floor, what stays after each collection</li>`
      : null
  }${slopes.length > 0 ? html`<li><span class="swatch slope"></span>growth as judged${slopes.some(({ projected }) => projected) ? ', dashed where it goes on like this' : ''}</li>` : null}${
    limit === null ? null : html`<li><span class="swatch limit"></span>limit</li>`
  }${
    limitAbove === null
      ? null
      : html`<li>the limit of ${amount(limitAbove, unit)} is far above this chart</li>`
  }</ul>${
    marks.length === 0
      ? null
      : html`<ol class="marks">${marks.map((mark) => html`<li><span class="sign ${mark.kind}">${mark.sign}</span><span><span class="dim">${markTime(mark)}</span> ${mark.kind}: ${mark.text}</span></li>`)}</ol>`
  }</figcaption></figure>\n`;
}

function marksText({ drawing }: JudgedSeries): Block[] {
  if (drawing === null || drawing.marks.length === 0) return [];
  return [
    paragraph('Within this time:'),
    list(
      drawing.marks.map((mark) => [
        { strong: mark.sign },
        { dim: ` ${markTime(mark)} ` },
        `${mark.kind}: ${mark.text}`,
      ]),
    ),
  ];
}

function blocksOf({ series, profile }: JudgedSeries): Block[] {
  const {
    unit,
    ratePerHour: rate,
    timeToLimit: limit,
    onset,
    onsetEvent,
    restarts,
    window,
    shape,
    reasons,
    missing,
    others,
  } = series;
  const words = { leak: 'leak', 'no-leak': 'no leak', inconclusive: 'cannot tell yet' } as const;
  const tone = { leak: 'bad', 'no-leak': 'good', inconclusive: 'warn' } as const;
  return [
    fields(
      [
        'Verdict',
        [{ tone: tone[series.verdict], text: words[series.verdict] }, shape === null ? '' : ` (${shape})`],
      ],
      ['Metric', [{ code: series.metric }]],
      [
        'Seen',
        `${timeText(window.from)} to ${timeText(window.to)} UTC, ${window.samples.toLocaleString('en-US')} samples`,
      ],
      [
        'Rate',
        rate &&
          `${amount(rate.value, unit)} an hour, ${amount(rate.low, unit)} to ${amount(rate.high, unit)} (95 %)`,
      ],
      [
        'Limit',
        limit &&
          `${amount(limit.limitBytes, unit)} in ${hours(limit.hours)}, ${hours(limit.low)} to ${limit.high === null ? 'no end' : hours(limit.high)}`,
      ],
      ['Since', onset && `${timeText(onset)} UTC${onsetEvent === null ? '' : `, deploy '${onsetEvent}'`}`],
      [
        'Restarts',
        restarts.length === 0 ? null : `${restarts.length}, the last at ${timeText(restarts.at(-1)!.at)}`,
      ],
    ),
    ...(profile.length < 2
      ? []
      : [
          table(
            'Memory over time',
            ['Time', '>Memory', '>Change'],
            profile.map(({ at, value }, nth) => {
              const change = nth === 0 ? 0 : value - profile[nth - 1]!.value;
              return [
                timeText(at),
                amount(value, unit),
                nth === 0 ? '' : `${change > 0 ? '+' : ''}${amount(change, unit)}`,
              ];
            }),
          ),
        ]),
    ...(others === undefined || others.length === 0
      ? []
      : [
          table(
            'The other processes',
            ['Series', 'Verdict', '>Rate an hour'],
            others.map((each) => [
              [{ code: `${each.metric} ${Object.values(each.labels).join(' ')}`.trim() }],
              words[each.verdict],
              each.ratePerHour === null ? '' : amount(each.ratePerHour.value, each.unit),
            ]),
          ),
        ]),
    ...(reasons.length + missing.length === 0
      ? []
      : [
          list([
            ...reasons.filter((text) => text !== ''),
            ...missing.map((text): (Block & string) | readonly [{ tone: 'warn'; text: string }, string] => [
              { tone: 'warn', text: 'missing: ' },
              text,
            ]),
          ]),
        ]),
  ];
}

function profileOf({ samples, floor, window }: ConfirmedSeries): { at: string; value: number }[] {
  const { times, values } = samples ?? floor ?? { times: [], values: [] };
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined || !isDated(Date.parse(window.from))) return [];
  const rows: { at: string; value: number }[] = [];
  for (let nth = 0, at = 0; nth < PROFILE_ROWS; nth++) {
    const due = first + ((last - first) * nth) / (PROFILE_ROWS - 1);
    while (at < times.length - 1 && Math.abs(times[at + 1]! - due) <= Math.abs(times[at]! - due)) at++;
    const row = { at: new Date(times[at]!).toISOString(), value: values[at]! };
    if (rows.at(-1)?.at !== row.at) rows.push(row);
  }
  return rows;
}

function markTime({ atMs }: Mark): string {
  return isDated(atMs) ? timeText(new Date(atMs).toISOString()) : '';
}
