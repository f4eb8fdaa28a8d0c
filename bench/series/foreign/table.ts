import type { Draws } from './draws.ts';
import type { Made } from './made.ts';

const ZONES: readonly (readonly [string, number])[] = [
  ['+02:00', 7200],
  ['-07:00', -25_200],
  ['+05:30', 19_800],
];

/** A way to write times: ISO 8601, with a zone or a blank, or a number. */
function stampOf(draw: Draws): (unixSeconds: number) => string {
  const kind = draw.pick(['iso', 'iso', 'iso', 'seconds', 'milliseconds', 'blank', 'zone']);
  const [zone, ahead] = draw.pick(ZONES);
  const iso = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19);
  return (seconds) => {
    if (kind === 'seconds') return String(seconds);
    if (kind === 'milliseconds') return String(seconds * 1000);
    if (kind === 'blank') return iso(seconds).replace('T', ' ');
    return kind === 'zone' ? iso(seconds + ahead) + zone : `${iso(seconds)}Z`;
  };
}

/**
 * The table as a user exports it. A third of them have faults: missed looks, a gap, rows that come twice or out of order, cells that are empty.
 */
export function tableOf(draw: Draws, { clock, columns, labels = {}, bytes, clean }: Made): string {
  const faulty = draw.chance(0.35) && !clean;
  const missed = faulty && draw.chance(0.6) ? draw.between(0.01, 0.15) : 0;
  const gapAt = faulty && draw.chance(0.4) ? draw.whole(0, clock.count) : clock.count;
  const gapEnd = gapAt + Math.floor(clock.count * draw.between(0.02, 0.1));
  const twice = faulty && draw.chance(0.3) ? draw.between(0.005, 0.05) : 0;
  const shuffled = faulty && draw.chance(0.25);
  const stamp = stampOf(draw);
  const inMegabytes = draw.chance(0.4) && bytes !== false;
  const scaled = (name: string): boolean => inMegabytes && name.endsWith('_bytes');
  const cell = (name: string, value: number): string => {
    if (missed > 0 && draw.chance(missed / 3)) return draw.pick(['', 'NaN']);
    return scaled(name) ? (value / 1e6).toFixed(1) : String(Math.round(value * 1000) / 1000);
  };
  const names = Object.keys(columns);
  const rows: string[] = [];
  for (let at = 0; at < clock.count; at++) {
    if ((at >= gapAt && at < gapEnd) || draw.chance(missed / 2)) continue;
    const row = [
      stamp(clock.startSeconds + clock.seconds[at]!),
      ...Object.values(labels).map((list) => list[at]!),
      ...names.map((name) => cell(name, columns[name]![at]!)),
    ].join(',');
    rows.push(row);
    if (draw.chance(twice)) rows.push(row);
  }
  for (let swap = 0; shuffled && swap < rows.length / 20; swap++) {
    const from = draw.whole(0, rows.length - 1);
    const to = Math.min(rows.length - 1, from + draw.whole(1, 30));
    [rows[from], rows[to]] = [rows[to]!, rows[from]!];
  }
  const head = names.map((name) => (scaled(name) ? name.replace(/_bytes$/, '_mb') : name));
  return `${['time', ...Object.keys(labels), ...head].join(',')}\n${rows.join('\n')}\n`;
}
