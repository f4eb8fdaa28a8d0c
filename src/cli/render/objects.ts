import type { ObjectSummary } from '../../analysis/heap-views.ts';
import type { HeapClass } from '../../analysis/histogram.ts';
import { formatBytes, formatCount, formatShare } from '../../base/units.ts';
import { nextLines } from './notes.ts';
import { placeText, plural } from './numbers.ts';
import { cutBeforePlace, table } from './table.ts';
import { type Line, line, span } from './text.ts';
import { wrap } from './wrap.ts';

/** What `stanch objects --json` writes: `classes`, or with `--class` the objects of one. */
export interface ObjectsDocument {
  readonly schema: 'stanch/objects@1';
  readonly file: string;
  readonly format: string;
  /** What is missing when only a part could be read. */
  readonly partial: string | null;
  readonly total: { readonly objects: number; readonly bytes: number };
  readonly sort: 'retained' | 'self' | 'count';
  readonly classes?: readonly HeapClass[];
  readonly classCount?: number;
  readonly class?: string;
  readonly objects?: readonly ObjectSummary[];
  readonly objectCount?: number;
}

export function objectsLines(document: ObjectsDocument, width: number): Line[] {
  const { file, total, partial } = document;
  const head = line(
    span(file, 'strong'),
    `: ${plural(total.objects, 'object')}, ${formatBytes(total.bytes)}`,
  );
  return [
    ...wrap(head, width, 2),
    ...partialLines(partial, width),
    line(),
    ...(document.classes ? classTable(document, document.classes, width) : []),
    ...(document.objects ? objectTable(document, document.objects, width) : []),
  ];
}

export function partialLines(partial: string | null, width: number): Line[] {
  return partial === null
    ? []
    : wrap(line(span(`only a part could be read; missing: ${partial}`, 'warn')), width, 2);
}

function classTable(document: ObjectsDocument, classes: readonly HeapClass[], width: number): Line[] {
  const rows = classes.map(({ name, location, objects, selfBytes, retainedBytes }) =>
    line(
      formatCount(objects),
      formatBytes(selfBytes),
      span(formatBytes(retainedBytes), 'strong'),
      span(formatShare(retainedBytes / document.total.bytes), 'dim'),
      location ? `${name}  ${placeText(location)}` : name,
    ),
  );
  const own = classes.find(({ location }) => location !== null && !location.file.startsWith('node:'));
  const named = own ?? classes.find(({ name }) => !name.startsWith('('));
  return [
    ...table(
      [
        { title: 'objects', align: 'right' },
        { title: 'self', align: 'right' },
        { title: 'retained', align: 'right' },
        { title: '', align: 'right' },
        { title: 'class', flexible: true, cut: cutBeforePlace },
      ],
      rows,
      width,
      2,
    ),
    ...moreLines((document.classCount ?? classes.length) - classes.length, 'classes'),
    ...nextLines(
      named
        ? [
            {
              command: `stanch objects ${document.file} --class ${quoted(named.name)}`,
              why: 'lists the objects of one class',
            },
          ]
        : [],
      width,
    ),
  ];
}

function objectTable(document: ObjectsDocument, objects: readonly ObjectSummary[], width: number): Line[] {
  const rows = objects.map(({ handle, name, location, selfBytes, retainedBytes, distance }) =>
    line(
      span(handle, 'accent'),
      formatBytes(selfBytes),
      span(formatBytes(retainedBytes), 'strong'),
      span(distance === null ? '–' : String(distance), 'dim'),
      location ? `${name}  ${placeText(location)}` : name,
    ),
  );
  const [first] = objects;
  return [
    ...table(
      [
        { title: 'handle' },
        { title: 'self', align: 'right' },
        { title: 'retained', align: 'right' },
        { title: 'distance', align: 'right' },
        { title: 'object', flexible: true, cut: cutBeforePlace },
      ],
      rows,
      width,
      2,
    ),
    ...moreLines((document.objectCount ?? objects.length) - objects.length, 'objects'),
    ...nextLines(
      first
        ? [
            { command: `stanch path ${document.file} ${first.handle}`, why: 'shows what keeps it' },
            {
              command: `stanch path ${document.file} ${quoted(document.class ?? first.class)} --all`,
              why: 'shows all ways in which objects of this class are kept',
            },
          ]
        : [],
      width,
    ),
  ];
}

function moreLines(left: number, what: string): Line[] {
  return left > 0 ? [line(span(`  … and ${formatCount(left)} ${what} more (--limit)`, 'dim'))] : [];
}

/** A word for a shell. */
export function quoted(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
