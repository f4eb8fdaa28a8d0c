import type { TextLine } from '../../formats/incident-text/document.ts';
import { type Dimension, quantitiesOf, unitOf } from '../../formats/incident-text/quantities.ts';
import { momentsOf } from '../../formats/incident-text/times.ts';
import type { TextClock } from '../clock.ts';
import { rounded } from './stamped-lines.ts';
import type { Reading } from './track.ts';

/** What a tool prints: how its header is known, how its rows are cut, and the units that it does not print. */
interface ToolTable {
  readonly header: RegExp;
  /** Columns are cut at two spaces; else at one, the last taking the rest. */
  readonly wide: boolean;
  readonly entity: readonly string[];
  readonly units: Readonly<Record<string, string>>;
}

const TOOLS: readonly ToolTable[] = [
  { header: /^CONTAINER ID\s+NAME\s+CPU %/, wide: true, entity: ['NAME'], units: {} },
  // kubectl top pods, also with --containers or a namespace in front
  {
    header: /^(?:NAMESPACE\s+)?(?:POD\s+)?NAME\s+CPU\(cores\)\s+MEMORY\(bytes\)/,
    wide: true,
    entity: ['POD', 'NAME'],
    units: {},
  },
  {
    header: /^(?:USER|UID|PID|PPID)\b.*\bRSS\b/,
    wide: false,
    entity: ['PID'],
    units: { RSS: 'KiB', VSZ: 'KiB', SZ: 'KiB', '%MEM': '%', '%CPU': '%' },
  },
  { header: /^\s*total\s+used\s+free\b/, wide: false, entity: [''], units: {} },
];
/** Values that say nothing about memory or are times. */
const LEFT_OUT = /^(?:%?CPU.*|TIME\+?|START|STAT|TTY|PIDS|NET I\/O|BLOCK I\/O|AGE|PID|PPID|UID|USER|NI|PRI)$/;

/** Tables that tools print, again and again through an incident: `docker stats`, `kubectl top`, `ps aux`, `free`. */
export function toolReadings(lines: readonly TextLine[], clock: TextClock): Reading[] {
  const found: Reading[] = [];
  for (const [at, line] of lines.entries()) {
    const tool = TOOLS.find(({ header }) => header.test(line.raw.trimEnd()));
    if (!tool) continue;
    let minute = timeAbove(lines, at, clock);
    const isFree = tool.entity[0] === '';
    const columns = isFree ? ['', ...line.raw.trim().split(/\s+/)] : cut(line.raw, tool.wide, 0);
    const command = lines.slice(Math.max(0, at - 2), at).find(({ raw }) => /\$ ?free\b/.test(raw))?.raw;
    for (const row of lines.slice(at + 1)) {
      // Without a new header the next moment follows: "== 07:15".
      const next =
        row.raw.trim().length < 40 ? momentsOf(row.raw).find(({ minutes }) => minutes !== null) : undefined;
      if (next && row.raw.trim().split(/\s+/).length < Math.min(6, columns.length)) {
        minute = clock.minuteOf(next) ?? Number.NaN;
        continue;
      }
      const cells = cut(row.raw, tool.wide, columns.length);
      if (
        row.raw.trim() === '' ||
        cells.length < columns.length - (isFree ? 4 : 0) ||
        tool.header.test(row.raw)
      )
        break;
      if (isFree && !/^(?:Mem|Swap):$/.test(cells[0]!)) break;
      const entity = isFree
        ? ''
        : (tool.entity.map((name) => cells[columns.indexOf(name)]).find(Boolean) ?? '');
      const rest = cells[columns.indexOf('COMMAND')] ?? cells[columns.indexOf('CMD')] ?? '';
      const aliases = isFree ? [] : [entity.toLowerCase(), ...commandAliases(rest), ...podAliases(entity)];
      for (const [column, title] of columns.entries()) {
        const cell = cells[column];
        if (cell === undefined || title === '' || LEFT_OUT.test(title) || cell === entity || cell === rest)
          continue;
        const titles = title.split(/\s*\/\s*/);
        for (const [part, text] of cell.split(/\s+\/\s+/).entries()) {
          const reading = cellValue(text, titles[part] ?? title, tool, command ?? '', isFree);
          if (!reading) continue;
          const name = isFree ? `${cells[0]!.replace(':', '')} ${title}` : (titles[part] ?? title);
          found.push({ ...reading, name, entity, aliases, minute, line: row.number, block: line.block });
        }
      }
    }
  }
  return found;
}

function cellValue(
  text: string,
  title: string,
  { units }: ToolTable,
  command: string,
  isFree: boolean,
): Pick<Reading, 'value' | 'dimension'> | null {
  const quantity = quantitiesOf(text)[0];
  if (!quantity || quantity.start > 0 || quantity.end < text.length) return null;
  if (quantity.dimension !== 'count') return { value: quantity, dimension: quantity.dimension };
  const unit = isFree ? freeUnit(command) : units[title];
  if (unit === undefined) return { value: quantity, dimension: 'count' };
  const [dimension, scale]: [Dimension, number] = unitOf(unit);
  return { value: rounded(text, scale), dimension };
}

/** `free` prints KiB unless it is told otherwise. */
function freeUnit(command: string): string {
  const flag = /\s-{1,2}(m|g|b|k|mebi|gibi|bytes|kibi)\b/.exec(command)?.[1]?.[0] ?? 'k';
  return { m: 'MiB', g: 'GiB', b: 'B', k: 'KiB' }[flag] ?? 'KiB';
}

function cut(raw: string, wide: boolean, columns: number): string[] {
  if (wide) return raw.trim().split(/\s{2,}/);
  const cells = raw.trim().split(/\s+/);
  return columns === 0 || cells.length <= columns
    ? cells
    : [...cells.slice(0, columns - 1), cells.slice(columns - 1).join(' ')];
}

/** "puma: cluster worker 0: 1 [app]" is also called "worker 0". */
function commandAliases(command: string): string[] {
  const match = /\bworker[ -]?#?(\d+)/i.exec(command);
  return match ? [`worker ${match[1]}`, `worker-${match[1]}`] : [];
}

/** `matchmaker-7c9f6b5d4-2xk8p` is called by its end. */
function podAliases(entity: string): string[] {
  const end = /-[a-z\d]{5,10}-([a-z\d]{5})$/.exec(entity)?.[1];
  return end === undefined ? [] : [end];
}

/** The last time that stands alone above a table: "== 06:15", "docker stats, 1:00 PM:". */
function timeAbove(lines: readonly TextLine[], at: number, clock: TextClock): number {
  let looked = 0;
  for (let back = at - 1; back >= 0 && looked < 4; back--) {
    const { raw, kind } = lines[back]!;
    if (raw.trim() === '' || /^\s*`{3}/.test(raw)) continue;
    if (kind === 'heading' && looked > 0) break;
    looked++;
    const moment = momentsOf(raw).findLast(({ minutes }) => minutes !== null);
    if (moment) return clock.minuteOf(moment) ?? Number.NaN;
    // Rows of the table before belong to another moment.
    if (/\d+\s+\d+.*\d+\s{2,}/.test(raw)) break;
  }
  return Number.NaN;
}
