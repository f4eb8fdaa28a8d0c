import type { Amount, HeapDiff } from '../../analysis/compare.ts';
import { formatBytes, formatCount } from '../../base/units.ts';
import type { UnreadableEvidence } from '../../sources/evidence.ts';
import { nextLines, unreadableLines } from './notes.ts';
import { countSeries, placeText, signedBytes, signedCount } from './numbers.ts';
import { cutBeforePlace, table } from './table.ts';
import { type Line, line, span } from './text.ts';
import { middleCut, wrap } from './wrap.ts';

/** What `stanch diff --json` writes. */
export interface DiffDocument extends HeapDiff {
  readonly schema: 'stanch/diff@1';
  readonly evidence: readonly {
    readonly label: string;
    readonly file: string;
    readonly format: string;
    readonly bytes: number | null;
    readonly at: string | null;
  }[];
  readonly unreadable: readonly UnreadableEvidence[];
  readonly notes: readonly string[];
}

/** A difference for people. */
export function diffLines(diff: DiffDocument, limit: number, width: number): Line[] {
  return [
    ...headLines(diff, width),
    line(),
    ...evidenceTable(diff, width),
    ...unreadableLines(diff.unreadable, diff.notes, width),
    line(),
    ...identityLines(diff, width),
    ...classLines(diff, limit, width),
    ...nextLines(nextSteps(diff), width),
  ];
}

function headLines({ bytes, evidence }: DiffDocument, width: number): Line[] {
  const grown = bytes[bytes.length - 1]! - bytes[0]!;
  const from = evidence[0]!.label;
  const to = evidence[evidence.length - 1]!.label;
  const share = bytes[0]! > 0 ? ` (${signedCount((grown / bytes[0]!) * 100)} %)` : '';
  const word =
    grown > 0 ? `The heap grew by ${formatBytes(grown)}` : `The heap shrank by ${formatBytes(-grown)}`;
  const text = grown === 0 ? 'The heap did not change in size' : `${word}${share}`;
  return wrap(line(span(text, 'strong'), ` from ${from} to ${to}.`), width);
}

function evidenceTable({ evidence, objects, bytes }: DiffDocument, width: number): Line[] {
  return table(
    [
      { title: '' },
      { title: 'objects', align: 'right' },
      { title: 'heap', align: 'right' },
      { title: 'file', flexible: true, cut: middleCut },
    ],
    evidence.map(({ label, file }, at) =>
      line(span(label, 'strong'), formatCount(objects[at]!), formatBytes(bytes[at]!), span(file, 'dim')),
    ),
    width,
    2,
  );
}

function identityLines(diff: DiffDocument, width: number): Line[] {
  if (!diff.sameProcess || !diff.new || !diff.gone || !diff.surviving) {
    const text =
      'These dumps are of different processes: objects cannot be told apart, so only classes are compared.';
    return [...wrap(line(span(text, 'warn')), width), line()];
  }
  const row = (name: string, { objects, bytes }: Amount): Line =>
    line(name, formatCount(objects), formatBytes(bytes));
  const columns = [
    { title: '' },
    { title: 'objects', align: 'right' },
    { title: 'bytes', align: 'right' },
  ] as const;
  return [
    ...table(
      columns,
      [
        row('new', diff.new),
        row('gone', diff.gone),
        row('surviving', diff.surviving),
        line(span('grown in place', 'dim'), '', span(signedBytes(diff.surviving.grownBytes), 'dim')),
      ],
      width,
      2,
    ),
    line(),
  ];
}

function classLines(diff: DiffDocument, limit: number, width: number): Line[] {
  const changed = diff.classes.filter(({ grown }) => grown.bytes !== 0 || grown.objects !== 0);
  const shown = changed.slice(0, limit);
  if (shown.length === 0) return [line('No class grew or shrank.')];
  const rows = shown.map(({ name, location, objects, grown, newest }) =>
    line(
      span(signedBytes(grown.bytes), grown.bytes > 0 ? 'strong' : 'dim'),
      span(signedCount(grown.objects), grown.objects > 0 ? 'plain' : 'dim'),
      span(countSeries(objects), 'dim'),
      span(location ? `${name}  ${placeText(location)}` : name),
      span(newest ?? '', 'accent'),
    ),
  );
  const left = changed.length - shown.length;
  return [
    ...table(
      [
        { title: 'grown', align: 'right' },
        { title: 'objects', align: 'right' },
        { title: 'by dump', align: 'right' },
        { title: 'class', flexible: true, cut: cutBeforePlace },
        { title: diff.sameProcess ? 'newest' : '' },
      ],
      rows,
      width,
      2,
    ),
    ...(left > 0
      ? [line(span(`  … and ${formatCount(left)} classes more (--limit, or --json for all)`, 'dim'))]
      : []),
  ];
}

function nextSteps(diff: DiffDocument): { command: string; why: string }[] {
  const files = diff.evidence.map(({ file }) => file);
  const top = diff.classes.find(({ grown, newest }) => newest !== null && grown.bytes > 0);
  const steps = [
    {
      command: `stanch diagnose ${files.join(' ')} --source <dir>`,
      why:
        files.length < 3
          ? 'names what holds the growth; with a third dump it can tell a leak from a cache that fills'
          : 'names what holds the growth',
    },
  ];
  if (top) {
    steps.push({
      command: `stanch path ${files[files.length - 1]} ${top.newest} --all`,
      why: `shows what keeps the newest ${top.name}`,
    });
  }
  return steps;
}
