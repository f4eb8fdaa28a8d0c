import { TYPE } from './words.ts';

export const NODE_KINDS = [
  'synthetic',
  'object',
  'string',
  'symbol',
  'number',
  'regexp',
  'class',
  'closure',
  'context',
  'hidden',
] as const;
export const EDGE_KINDS = [
  'element',
  'property',
  'context',
  'key',
  'value',
  'internal',
  'slot',
  'weak',
] as const;

export const NODE: Readonly<Record<(typeof NODE_KINDS)[number], number>> = numbered(NODE_KINDS);
export const EDGE: Readonly<Record<(typeof EDGE_KINDS)[number], number>> = numbered(EDGE_KINDS);
/** Bits of the edge kinds that carry a number. */
export const INDEXED_KINDS: number = [EDGE.element, EDGE.key, EDGE.value, EDGE.slot].reduce(
  (bits, kind) => bits | (1 << kind),
  0,
);
export const NAMED_KINDS: ReadonlySet<string> = new Set(['object', 'class', 'closure']);

/** Node kind by type; IMEMO, DATA and what has no class are decided one by one. */
export const KIND_OF_TYPE: Uint8Array = (() => {
  const kinds = new Uint8Array(32).fill(NODE.hidden);
  const { OBJECT, ARRAY, HASH, STRUCT, DATA, FILE, MATCH } = TYPE;
  for (const type of [OBJECT, ARRAY, HASH, STRUCT, DATA, FILE, MATCH]) kinds[type] = NODE.object;
  for (const type of [TYPE.CLASS, TYPE.MODULE, TYPE.ICLASS]) kinds[type] = NODE.class;
  for (const type of [TYPE.FLOAT, TYPE.BIGNUM, TYPE.RATIONAL, TYPE.COMPLEX]) kinds[type] = NODE.number;
  kinds[TYPE.ROOT] = NODE.synthetic;
  kinds[TYPE.STRING] = NODE.string;
  kinds[TYPE.SYMBOL] = NODE.symbol;
  kinds[TYPE.REGEXP] = NODE.regexp;
  return kinds;
})();

function numbered<T extends string>(names: readonly T[]): Readonly<Record<T, number>> {
  return Object.fromEntries(names.map((name, index) => [name, index])) as Record<T, number>;
}
