import { formatBytes, formatCount, formatShare } from '../../base/units.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { type ProcessGroup, weightBytes } from '../../sources/processes/process-tree.ts';
import type { RuntimeFigures } from '../../sources/processes/runtime-figures.ts';
import { plural, signedBytes } from './numbers.ts';
import { table } from './table.ts';
import { type Line, line, type Span, type Style, span } from './text.ts';
import { endCut } from './wrap.ts';

/** One look at the machine. */
export interface TopLook {
  readonly groups: readonly ProcessGroup[];
  /** How much each process (`<pid>:<startTicks>`) has grown since the watch began, and since when; null for one look. */
  readonly watched: {
    readonly sinceSeconds: number;
    readonly growthBytes: ReadonlyMap<string, number>;
  } | null;
  /** What runtimes say of themselves, by the same key; nothing unless they were asked. */
  readonly figures?: ReadonlyMap<string, RuntimeFigures>;
}

/** The key of a process in `watched`. */
export function processKey({ pid, startTicks }: ProcessFacts): string {
  return `${pid}:${startTicks}`;
}

const SHOWN_MEMBERS = 12;
const NEAR_LIMIT = 0.9;
const HALF_WAY = 0.75;

/** Processes by memory for people: the worst group first, its members below it. */
export function topLines(
  { groups, watched, figures = new Map() }: TopLook,
  limit: number,
  width: number,
): Line[] {
  const shown = groups.slice(0, limit);
  const left = groups.length - shown.length;
  if (shown.length === 0) return [line('no process matches')];
  const swap = shown.some(({ members }) => members.some(({ swapBytes }) => (swapBytes ?? 0) > 0));
  const columns: Columns = { watched, swap, figures };
  const rows = shown.flatMap((group) => groupRows(group, columns));
  return [
    ...table(
      [
        { title: 'pid', align: 'right' },
        { title: 'memory', align: 'right' },
        { title: 'rss', align: 'right' },
        { title: 'private', align: 'right' },
        ...(swap ? [{ title: 'swap', align: 'right' as const }] : []),
        ...(watched ? [{ title: `in ${ageText(watched.sinceSeconds)}`, align: 'right' as const }] : []),
        ...(figures.size > 0
          ? [
              { title: 'heap', align: 'right' as const },
              { title: 'GCs', align: 'right' as const },
            ]
          : []),
        { title: 'limit', align: 'right' },
        { title: 'files', align: 'right' },
        { title: 'sockets', align: 'right' },
        { title: 'age', align: 'right' },
        { title: '' },
        { title: 'what', flexible: true, cut: endCut },
      ],
      rows,
      width,
    ),
    ...(left > 0 ? [line(span(`… and ${plural(left, 'group')} more (--limit, --json for all)`, 'dim'))] : []),
    ...noteLines(shown),
  ];
}

/** Columns that are not always there. */
interface Columns {
  readonly watched: TopLook['watched'];
  readonly swap: boolean;
  readonly figures: ReadonlyMap<string, RuntimeFigures>;
}

function groupRows(group: ProcessGroup, columns: Columns): Line[] {
  const optional = (columns.watched ? 1 : 0) + (columns.swap ? 1 : 0) + (columns.figures.size > 0 ? 2 : 0);
  const { root, members } = group;
  const [only] = members;
  if (members.length === 1 && only) return [row(only, '', columns)];
  const left = members.length - SHOWN_MEMBERS;
  const head = line(
    span(''),
    span(formatBytes(group.memoryBytes), 'strong'),
    span(formatBytes(group.rssBytes), 'dim'),
    ...blanks(5 + optional),
    span(root.runtime ?? ''),
    span(`${titleOf(root)}, ${plural(members.length, 'process')}`, 'strong'),
  );
  return [
    head,
    ...members.slice(0, SHOWN_MEMBERS).map((member) => row(member, '  ', columns)),
    ...(left > 0 ? [line(...blanks(9 + optional), span(`  … and ${left} more`, 'dim'))] : []),
  ];
}

function blanks(count: number): Span[] {
  return Array.from({ length: count }, () => span(''));
}

function row(process: ProcessFacts, indent: string, { watched, swap, figures }: Columns): Line {
  const { room } = process;
  const own = figures.get(processKey(process));
  const growth = watched?.growthBytes.get(processKey(process));
  const share = room.limitBytes && room.usedBytes !== null ? room.usedBytes / room.limitBytes : null;
  return line(
    String(process.pid),
    span(formatBytes(weightBytes(process)), process.master ? 'dim' : 'plain'),
    formatBytes(process.rssBytes),
    sizeText(process.privateBytes),
    ...(swap ? [process.swapBytes ? formatBytes(process.swapBytes) : ''] : []),
    ...(watched
      ? [
          span(
            growth === undefined ? '' : signedBytes(growth),
            growth !== undefined && growth > 0 ? 'warn' : 'plain',
          ),
        ]
      : []),
    ...(figures.size > 0
      ? [
          sizeText(own?.heapUsedBytes ?? null, ''),
          own?.collections == null ? '' : formatCount(own.collections),
        ]
      : []),
    span(
      share === null || room.limitBytes === null
        ? ''
        : `${formatShare(share)} of ${formatBytes(room.limitBytes)}`,
      styleOf(share),
    ),
    process.openFiles === null ? '?' : String(process.openFiles),
    process.sockets === null ? '?' : String(process.sockets),
    process.ageSeconds === null ? '' : ageText(process.ageSeconds),
    span(process.runtime ?? '', process.runtime === null ? 'dim' : 'accent'),
    `${indent}${titleOf(process)}${process.agent ? ', agent' : ''}`,
  );
}

function styleOf(share: number | null): Style {
  if (share === null) return 'plain';
  return share >= NEAR_LIMIT ? 'bad-strong' : share >= HALF_WAY ? 'warn' : 'plain';
}

function titleOf({ role, containerId }: ProcessFacts): string {
  return containerId === null ? role : `${role} [${containerId.slice(0, 12)}]`;
}

function sizeText(bytes: number | null, unknown: string = '?'): string {
  return bytes === null ? unknown : formatBytes(bytes);
}

/** What the table could not say. */
function noteLines(groups: readonly ProcessGroup[]): Line[] {
  const hidden = groups.flatMap(({ members }) => members).filter(({ pssBytes }) => pssBytes === null).length;
  if (hidden === 0) return [];
  return [line(span(`memory is RSS for ${plural(hidden, 'process')} whose maps may not be read (?)`, 'dim'))];
}

/** `45 s`, `12 min`, `3 h`, `9 d`: for a column. */
function ageText(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
