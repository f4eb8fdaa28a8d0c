import { type Block, type Inline, inlines, plain, type Text } from '../../report/blocks.ts';
import type { Report } from '../../report/report.ts';
import { timeText } from '../../report/words.ts';
import { plural } from './numbers.ts';
import { type Line, line, type Span, span } from './text.ts';
import { field, wrap } from './wrap.ts';

/** A report in the terminal. */
export function reportLines({ title, state, caseId, openedAt, sections }: Report, width: number): Line[] {
  return [
    ...wrap(line(span(title, 'strong'), span(`  ${state}`, 'warn')), width),
    line(span(`case ${caseId}, opened ${timeText(openedAt)} UTC`, 'dim')),
    ...sections.flatMap((section) => [
      line(),
      line(span(section.title, 'accent')),
      ...section.text().flatMap((block) => blockLines(block, width)),
    ]),
  ];
}

export function writtenLines(file: string, { sections, masked }: Report): Line[] {
  const missing = sections.find(({ id }) => id === 'missing')?.data as
    | { parts: readonly unknown[] }
    | undefined;
  return [
    line(span('✓ ', 'good'), span(file, 'strong'), `  ${plural(sections.length, 'section')}`),
    ...(missing
      ? [
          line(
            span(
              `  · ${plural(missing.parts.length, 'thing')} missing, named in it with the commands`,
              'dim',
            ),
          ),
        ]
      : []),
    line(
      masked
        ? span('  · masked by shape: read it before you send it', 'dim')
        : span('  ! values of the service are shown as they are', 'warn'),
    ),
  ];
}

const INDENT = 2;
const NAME_WIDTH = 18;
const GAP = 2;
const LEAST_COLUMN = 8;

function blockLines(block: Block, width: number): Line[] {
  switch (block.kind) {
    case 'heading':
      return [line(), ...wrap(line('  ', span(block.text, 'strong')), width, INDENT)];
    case 'paragraph':
      return indented(spans(block.text), width);
    case 'list':
      return block.items.flatMap((item) => wrap(line('  · ', ...spans(item)), width, 4));
    case 'fields':
      return block.fields.flatMap(([name, value]) =>
        field(name, spans(value), { indent: INDENT, nameWidth: NAME_WIDTH, width }),
      );
    case 'code':
      return block.code.split('\n').map((text) => line('    ', span(text, 'accent')));
    case 'command':
      return [
        ...indented(line(block.why), width),
        ...wrap(line('    ', span(block.command, 'accent')), width, 6),
      ];
    case 'table':
      return tableLines(block, width);
  }
}

/** Cells are wrapped in their columns: a report leaves nothing out. */
function tableLines({ columns, rows }: Extract<Block, { kind: 'table' }>, width: number): Line[] {
  const cells = rows.map((row) => row.map(spans));
  const widths = fitted(
    columns.map(({ title }, at) => Math.max(title.length, ...rows.map((row) => plain(row[at] ?? '').length))),
    width - INDENT - GAP * (columns.length - 1),
  );
  const layout = (row: readonly Line[]): Line[] => {
    const wrapped = columns.map((_, at) => wrap(row[at] ?? [], widths[at]!));
    return Array.from({ length: Math.max(...wrapped.map(({ length }) => length)) }, (_, nth) =>
      line(
        ' '.repeat(INDENT),
        ...columns.flatMap(({ align }, at): Line => {
          const text = wrapped[at]![nth] ?? [];
          const pad = span(' '.repeat(Math.max(0, widths[at]! - lengthOf(text))));
          const gap = at < columns.length - 1 ? [span(' '.repeat(GAP))] : [];
          return align === 'right' ? [pad, ...text, ...gap] : [...text, pad, ...gap];
        }),
      ),
    );
  };
  const head = columns.some(({ title }) => title !== '')
    ? layout(columns.map(({ title }) => [span(title, 'dim')]))
    : [];
  return [...head, ...cells.flatMap(layout)];
}

/** Widths that add up to `room`: the widest column gives way first. */
function fitted(widths: readonly number[], room: number): number[] {
  const given = [...widths];
  while (given.reduce((sum, each) => sum + each, 0) > room) {
    const widest = given.indexOf(Math.max(...given));
    if (given[widest]! <= LEAST_COLUMN) break;
    given[widest]!--;
  }
  return given;
}

function lengthOf(text: Line): number {
  return text.reduce((sum, part) => sum + part.text.length, 0);
}

function indented(text: Line, width: number): Line[] {
  return wrap(text, width - INDENT).map((each) => [span(' '.repeat(INDENT)), ...each]);
}

function spans(text: Text): Line {
  return inlines(text).map(spanOf);
}

function spanOf(part: Inline): Span {
  if (typeof part === 'string') return span(part);
  if ('code' in part) return span(part.code, 'accent');
  if ('strong' in part) return span(part.strong, 'strong');
  return 'dim' in part ? span(part.dim, 'dim') : span(part.text, part.tone);
}
