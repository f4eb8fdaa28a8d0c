import { scaleLinear } from 'd3-scale';
import { formatBytes, formatShare } from '../../base/units.ts';
import { type Html, html } from '../html.ts';
import type { GrowthPart } from './growth-account.ts';

const WIDTH = 1000;

/** The growth as a table with bars, each beginning where the one before has ended: the last one ends at the whole. */
export function growthChart(parts: readonly GrowthPart[], grownBytes: number): Html {
  const ends = parts.map((_, at) => parts.slice(0, at + 1).reduce((sum, { bytes }) => sum + bytes, 0));
  const x = scaleLinear()
    .domain([Math.min(0, ...ends), Math.max(grownBytes, ...ends)])
    .range([0, WIDTH]);
  const bar = (kind: string, from: number, to: number): Html => {
    const [left, right] = [Math.min(x(from), x(to)), Math.max(x(from), x(to))];
    return html`<svg class="bar" viewBox="0 0 ${WIDTH} 10" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="track" width="${WIDTH}" height="10"></rect><rect class="${kind}" x="${left.toFixed(1)}" width="${Math.max(right - left, 2).toFixed(1)}" height="10"></rect></svg>`;
  };
  return html`<table class="growth">
<caption>Where the growth went: each byte is counted once, and the bars add up to all of it</caption>
<thead><tr><th scope="col">What holds it</th><th scope="col" class="number">Bytes</th><th scope="col" class="number">Share</th></tr></thead>
<tbody>${parts.map(
    ({ kind, id, what, owner, bytes, share }, at) =>
      html`<tr class="${kind}"><th scope="row">${id === null ? null : html`<a href="#${id}">${id}</a> `}${what}${owner === null ? null : html`<br><code>${owner}</code>`}${bar(kind, ends[at]! - bytes, ends[at]!)}</th><td class="number">${formatBytes(bytes)}</td><td class="number">${share === null ? '' : formatShare(share)}</td></tr>\n`,
  )}</tbody>
<tfoot><tr><th scope="row">All growth</th><td class="number">${formatBytes(grownBytes)}</td><td class="number">100 %</td></tr></tfoot>
</table>\n`;
}
