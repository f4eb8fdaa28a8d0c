import type { ObjectDetails, ObjectReference } from '../../analysis/heap-views.ts';
import { formatBytes, formatCount } from '../../base/units.ts';
import { locationText } from '../../model/source-location.ts';
import { nextLines } from './notes.ts';
import { placeText } from './numbers.ts';
import { partialLines, quoted } from './objects.ts';
import { cutBeforePlace, table } from './table.ts';
import { type Line, line, span } from './text.ts';
import { field, wrap } from './wrap.ts';

/** What `stanch object --json` writes. */
export interface ObjectDocument extends ObjectDetails {
  readonly schema: 'stanch/object@1';
  readonly file: string;
  readonly partial: string | null;
}

export function objectLines(object: ObjectDocument, width: number): Line[] {
  const columns = { indent: 2, nameWidth: 12, width };
  const say = (name: string, text: string | null): Line[] =>
    text === null ? [] : field(name, line(text), columns);
  const kept =
    object.retainedBytes === object.selfBytes ? '' : `, keeps ${formatBytes(object.retainedBytes)}`;
  return [
    ...wrap(line(span(object.name, 'strong'), '  ', span(object.handle, 'accent')), width, 2),
    ...partialLines(object.partial, width),
    ...say('class', object.class === object.name ? null : object.class),
    ...say('kind', object.kind),
    ...say('size', `${formatBytes(object.selfBytes)}${kept}`),
    ...say('entries', object.entries === null ? null : formatCount(object.entries)),
    ...say('distance', object.distance === null ? 'only the engine reaches it' : String(object.distance)),
    ...say('position', object.location && locationText(object.location)),
    ...say(
      'detached',
      object.detached === null ? null : object.detached ? 'yes: outside its document' : 'no',
    ),
    ...say('dominator', object.dominator && `${object.dominator.name}  ${object.dominator.handle}`),
    ...(object.allocatedBy ?? []).flatMap(({ function: name, file, line: at }, index) =>
      say(index === 0 ? 'allocated' : '', `${name} ${file ?? ''}:${at}`),
    ),
    ...references('Refers to', object.references, object.referenceCount, width),
    ...references('Held by', object.retainers, object.retainerCount, width),
    ...nextLines(
      [{ command: `stanch path ${quoted(object.file)} ${object.handle}`, why: 'shows what keeps it' }],
      width,
    ),
  ];
}

function references(title: string, list: readonly ObjectReference[], count: number, width: number): Line[] {
  if (count === 0) return [line(), line(span(title, 'strong'), span('  nothing', 'dim'))];
  const left = count - list.length;
  return [
    line(),
    line(span(title, 'strong'), span(`  ${formatCount(count)}`, 'dim')),
    ...table(
      [
        { title: 'reference' },
        { title: 'handle' },
        { title: 'retained', align: 'right' },
        { title: 'object', flexible: true, cut: cutBeforePlace },
      ],
      list.map(({ via, retains, object }) =>
        line(
          span(via.length > 40 ? `${via.slice(0, 39)}…` : via, retains ? 'plain' : 'dim'),
          span(object.handle, retains ? 'accent' : 'dim'),
          span(formatBytes(object.retainedBytes), retains ? 'plain' : 'dim'),
          span(
            object.location ? `${object.name}  ${placeText(object.location)}` : object.name,
            retains ? 'plain' : 'dim',
          ),
        ),
      ),
      width,
      2,
    ),
    ...(left > 0 ? [line(span(`  … and ${formatCount(left)} more (--limit)`, 'dim'))] : []),
  ];
}
