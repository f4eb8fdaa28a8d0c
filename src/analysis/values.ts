import type { HeapGraph } from '../model/heap-graph.ts';

const SHOWN_CHARS = 2;
const MAX_CHARS = 200;
/** Longer values are not decoded in full just to be counted. */
const MAX_COUNTED_BYTES = 1 << 16;

/**
 * A value for people: in quotes, control characters escaped, cut at 200 characters. Unless `showValues`, only its length
 * and at most two characters are told: values of production heaps are secrets until proven otherwise.
 */
export function valueText(value: string, showValues: boolean, length: number = value.length): string {
  const count = length.toLocaleString('en-US');
  const shown = showValues ? MAX_CHARS : length > SHOWN_CHARS ? SHOWN_CHARS : 0;
  const head = wholeCharacters(value, shown);
  const quoted = JSON.stringify(head).slice(0, -1);
  return `${quoted}${head.length < length ? '…' : ''}" (${count})`;
}

/** The value of a string node, as `valueText`. */
export function stringValueText(graph: HeapGraph, node: number, showValues: boolean): string {
  const { strings } = graph;
  const name = graph.nodeName[node]!;
  const written = strings.writtenBytes(name);
  if (written > MAX_COUNTED_BYTES) return valueText(strings.head(name, MAX_CHARS + 1), showValues, written);
  return valueText(strings.get(name), showValues);
}

/** The first `count` code units without half a surrogate pair at the end. */
function wholeCharacters(text: string, count: number): string {
  const head = text.slice(0, count);
  const last = head.charCodeAt(head.length - 1);
  return head.length < text.length && last >= 0xd800 && last < 0xdc00 ? head.slice(0, -1) : head;
}
