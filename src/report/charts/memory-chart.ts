import { scaleLinear, scaleUtc } from 'd3-scale';
import { area, line } from 'd3-shape';
import { amount } from '../../confirm/words.ts';
import type { Unit } from '../../model/series-unit.ts';
import { type Html, html } from '../html.ts';
import { tickText } from './time-axis.ts';

/** A moment that is marked below the curve. */
export interface Mark {
  /** One or two signs. */
  readonly sign: string;
  readonly atMs: number;
  readonly kind: 'capture' | 'action' | 'deploy' | 'alert' | 'restart';
  readonly text: string;
}

/** What is drawn. Times in milliseconds, values in the unit. */
export interface MemoryDrawing {
  readonly title: string;
  /** Said to who cannot see it. */
  readonly description: string;
  readonly unit: Unit | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly samples: readonly Point[];
  readonly floor: readonly Point[];
  /** Lines of the measured growth; the last may go on beyond the data. */
  readonly slopes: readonly { readonly from: Point; readonly to: Point; readonly projected: boolean }[];
  /** Null where there is none to draw. */
  readonly limit: number | null;
  /** A limit so far above that it would press the curve flat: said in words. */
  readonly limitAbove: number | null;
  readonly marks: readonly Mark[];
}

export type Point = readonly [timeMs: number, value: number];

/** In units of the drawing, which is scaled to the page. */
export interface ChartSize {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

const MARGIN = { top: 22, right: 18, left: 66 };
const AXIS_HEIGHT = 26;
const LANE_HEIGHT = 22;
const MARK_RADIUS = 9;

/** Memory over time: what was measured, the floor below it, how it rises, where it ends, and what was done. */
export function memoryChart(drawing: MemoryDrawing, { id, width, height }: ChartSize): Html {
  const { samples, floor, slopes, limit, marks, fromMs, toMs, unit } = drawing;
  const x = scaleUtc()
    .domain([fromMs, toMs])
    .range([MARGIN.left, width - MARGIN.right]);
  const placed = inLanes(
    marks.map((mark) => ({ mark, at: x(mark.atMs) })),
    MARK_RADIUS * 2 + 2,
  );
  const lanes = Math.max(0, ...placed.map(({ lane }) => lane + 1));
  const bottom = height - AXIS_HEIGHT - lanes * LANE_HEIGHT;
  const y = scaleLinear().domain(valueDomain(drawing)).nice(4).range([bottom, MARGIN.top]);
  const path = line<Point>(
    (point) => x(point[0]),
    (point) => y(point[1]),
  );
  const below = area<Point>(
    (point) => x(point[0]),
    () => bottom,
    (point) => y(point[1]),
  );
  return html`<svg class="chart ${id.endsWith('narrow') ? 'narrow' : 'wide'}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc" focusable="false">
<title id="${id}-title">${drawing.title}</title>
<desc id="${id}-desc">${drawing.description}</desc>
<g class="grid">${y
    .ticks(4)
    .map(
      (tick) =>
        html`<line x1="${MARGIN.left}" x2="${width - MARGIN.right}" y1="${px(y(tick))}" y2="${px(y(tick))}"></line><text x="${MARGIN.left - 8}" y="${px(y(tick) + 4)}" text-anchor="end">${amount(tick, unit)}</text>`,
    )}</g>
<g class="axis"><line x1="${MARGIN.left}" x2="${width - MARGIN.right}" y1="${bottom}" y2="${bottom}"></line>${x
    .ticks(Math.max(2, Math.floor((width - MARGIN.left) / 95)))
    .map(
      (tick) =>
        html`<text x="${px(x(tick))}" y="${bottom + 18}" text-anchor="middle">${tickText(tick.getTime(), fromMs, toMs)}</text>`,
    )}</g>
${placed.map(({ mark, at, lane }) => markHtml(mark, at, bottom + AXIS_HEIGHT + lane * LANE_HEIGHT + MARK_RADIUS))}
<path class="samples" d="${path(samples) ?? ''}"></path>
${floor.length > 1 ? html`<path class="below-floor" d="${below(floor) ?? ''}"></path><path class="floor" d="${path(floor) ?? ''}"></path>` : null}
${slopes.map(
  ({ from, to, projected }) =>
    html`<line class="slope${projected ? ' projected' : ''}" x1="${px(x(from[0]))}" y1="${px(y(from[1]))}" x2="${px(x(to[0]))}" y2="${px(y(to[1]))}"></line>`,
)}
${limit !== null ? html`<line class="limit" x1="${MARGIN.left}" x2="${width - MARGIN.right}" y1="${px(y(limit))}" y2="${px(y(limit))}"></line><text class="limit-text" x="${MARGIN.left + 6}" y="${px(y(limit) - 6)}">limit ${amount(limit, unit)}</text>` : null}
</svg>`;
}

/** From zero, unless that hides how it moves. */
function valueDomain({ samples, floor, slopes, limit }: MemoryDrawing): [number, number] {
  const values = [...samples, ...floor, ...slopes.flatMap(({ from, to }) => [from, to])].map(
    ([, value]) => value,
  );
  const least = Math.min(...values);
  const most = Math.max(...values);
  const top = Math.max(most, (limit ?? most) * 1.04);
  if (least < 0) return [least, top];
  if (least < top / 2 || top === least) return [0, top === 0 ? 1 : top];
  return [least - (top - least) / 8, top];
}

function markHtml({ sign, kind }: Mark, at: number, centre: number): Html {
  return html`<g class="mark ${kind}"><line x1="${px(at)}" x2="${px(at)}" y1="${MARGIN.top}" y2="${px(centre)}"></line>${
    kind === 'capture'
      ? html`<rect x="${px(at - MARK_RADIUS)}" y="${px(centre - MARK_RADIUS)}" width="${2 * MARK_RADIUS}" height="${2 * MARK_RADIUS}" rx="4"></rect>`
      : html`<circle cx="${px(at)}" cy="${px(centre)}" r="${MARK_RADIUS}"></circle>`
  }<text x="${px(at)}" y="${px(centre + 4)}" text-anchor="middle">${sign}</text></g>
`;
}

/** Signs that would cover each other go into the next lane. */
function inLanes<Item extends { at: number }>(
  items: readonly Item[],
  apart: number,
): (Item & { lane: number })[] {
  const ends: number[] = [];
  return items
    .toSorted((a, b) => a.at - b.at)
    .map((item) => {
      const free = ends.findIndex((end) => item.at - end >= apart);
      const lane = free >= 0 ? free : ends.length;
      ends[lane] = item.at;
      return { ...item, lane };
    });
}

function px(value: number): number {
  return Math.round(value * 10) / 10;
}
