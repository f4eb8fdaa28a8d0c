import type { IncidentText } from '../../formats/incident-text/document.ts';
import type { TextClock } from '../clock.ts';
import { isMemory, type TextSeries } from '../text-series.ts';
import { gcReadings, hashReadings } from './gc-traces.ts';
import { stampedReadings } from './stamped-lines.ts';
import { toolReadings } from './tool-tables.ts';
import { type Track, tracksFrom } from './track.ts';
import { stemsOf } from './words.ts';

/** Incidents have dozens of metrics; a log that was pasted whole may have thousands, of which the longest say most. */
const MOST = 300;

/** Every metric that a text shows over time: its tables, log lines, dumps of counters and what tools printed. */
export function tracksOf(document: IncidentText, clock: TextClock, series: readonly TextSeries[]): Track[] {
  const { blocks, lines } = document;
  const headings = new Set(lines.filter(({ kind }) => kind === 'heading').map(({ text }) => text));
  const found = [
    ...series
      .filter(({ from }) => from !== 'log')
      .map(
        (each): Track => ({
          name: each.name,
          // A table that has no title of its own is about what stands above it.
          words:
            headings.has(each.name) || each.name === ''
              ? isMemory(each)
                ? ['memory']
                : captionWords(each, headings)
              : stemsOf(each.name),
          entity: '',
          aliases: [],
          dimension: each.dimension,
          points: each.points,
          block: -1,
        }),
      ),
    ...tracksFrom([
      ...stampedReadings(blocks, clock),
      ...toolReadings(lines, clock),
      ...gcReadings(blocks),
      ...hashReadings(blocks, clock),
    ]),
  ];
  return found.length <= MOST
    ? found
    : found.toSorted((a, b) => b.points.length - a.points.length).slice(0, MOST);
}

/** "goroutines according to /debug/vars:" above a list names what it counts. */
function captionWords({ context }: TextSeries, headings: ReadonlySet<string>): string[] {
  const caption = context
    .split(' · ')
    .find((part) => part.trim().endsWith(':') && !headings.has(part.trim()));
  const named = caption?.split(/\b(?:according|of|in|by|from|per|on|for|at|every|as)\b|[(:,]/)[0] ?? '';
  const words = stemsOf(named);
  return words.length <= 3 ? words : [];
}
