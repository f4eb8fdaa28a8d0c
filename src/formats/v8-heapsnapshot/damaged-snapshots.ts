import { DIALECTS, joinSections, type Sections, snapshotSections } from './draw-snapshot.ts';

const DRAWN = `
  root -!global-> g:Object -.bus-> bus:EventEmitter<app/bus.js:3:1> -._events-> events:Object -.beat-> list:Array
  list -[]-> h*12:closure"beat"<app/presence.js:19:30> -#context-> c*:context -$socket-> s*:Socket#512
  g -.map-> map:Map -#table-> table:array -#7-> key:string"a key", value:Object
  g -.weak-> weak:WeakMap -#table-> eph:array@901
  key -#"7 / part of key (a @11) -> value (Object @903) pair in WeakMap (table @901)"-> held:Object@903
  eph -#"7 / part of key (a @11) -> value (Object @903) pair in WeakMap (table @901)"-> held
  root -[1]-> roots:synthetic"(GC roots)" -[0]-> dom:synthetic"(Document DOM trees)" -[3]-> div:native"div"+detached
  div -?next-> div, text:cons"joined" -#first-> key
  lost:Object -.me-> lost2:Object -.you-> lost
`;

/** A sound snapshot, as bytes and by sections. */
export interface Seed {
  readonly sections: Sections;
  readonly bytes: Uint8Array;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A snapshot with a trace tree and samples as they are in a real one. */
function withAllocations(): Sections {
  const sections = snapshotSections('root -> a:Thing -> b:Thing -> c:Thing');
  return {
    ...sections,
    nodes: sections['nodes']!.replaceAll(/,0,0(?=[\n\]])/g, ',3,0'),
    trace_function_infos: '[0,0,0,0,0,0,7,1,2,3,4,5]',
    trace_tree: '[1,0,1,16,[2,1,1,16,[3,1,3,48,[]],4,0,0,0,[]]]',
    samples: '[0,5,\n50000,9]',
  };
}

/** The first nodes of a real snapshot, with the references among them and the strings they use. */
function trimmed(text: string): Sections {
  const raw = JSON.parse(text);
  const stride = raw.snapshot.meta.node_fields.length;
  const kept = 150;
  const names = new Map<string, number>();
  const name = (index: number): number => {
    const text = raw.strings[index].slice(0, 40);
    if (!names.has(text)) names.set(text, names.size);
    return names.get(text)!;
  };
  const nodes: number[] = [];
  const edges: number[] = [];
  for (let node = 0, edge = 0; node < kept; node++) {
    const record: number[] = raw.nodes.slice(node * stride, (node + 1) * stride);
    const end = edge + record[4]!;
    record[4] = 0;
    for (; edge < end; edge++) {
      const [kind, nameOrIndex, target] = raw.edges.slice(edge * 3, edge * 3 + 3);
      if (target >= kept * stride) continue;
      edges.push(kind, kind === 1 || kind === 4 ? nameOrIndex : name(nameOrIndex), target);
      record[4]!++;
    }
    record[1] = name(record[1]!);
    nodes.push(...record);
  }
  raw.snapshot.node_count = kept;
  raw.snapshot.edge_count = edges.length / 3;
  return {
    snapshot: JSON.stringify(raw.snapshot),
    nodes: JSON.stringify(nodes),
    edges: JSON.stringify(edges),
    trace_function_infos: '[]',
    trace_tree: '[]',
    samples: '[]',
    locations: '[7,1,2,3]',
    strings: JSON.stringify([...names.keys()]),
  };
}

/**
 * Small sound snapshots of several dialects.
 *
 * @param real text of a snapshot that V8 has written
 */
export function soundSnapshots(real: string): Seed[] {
  return [
    ...[DIALECTS.node20, DIALECTS.node24, DIALECTS.chrome].map((dialect) => snapshotSections(DRAWN, dialect)),
    withAllocations(),
    trimmed(real),
  ].map((sections) => ({ sections, bytes: encode(joinSections(sections)) }));
}

type Random = () => number;
export const below = (random: Random, limit: number): number => Math.floor(random() * limit);
export const oneOf = <T>(random: Random, items: readonly T[]): T => items[below(random, items.length)]!;

const NUMBERS = [
  '0',
  '1',
  '7',
  '255',
  '65536',
  '2147483648',
  '4294967294',
  '4294967295',
  '4294967296',
  '9007199254740992',
  '1e12',
  '1000000000000',
  '-1',
  '0.5',
  '99999999999999999999999999999999',
  'null',
  '[]',
  '{}',
  '""',
  '00012',
];
const SPLINTERS = ['"', '\\', ',', ']', '[', '}', '{', ':', '\n', '\u0000', '\ufffd', ',,', '"]', '[[[[[['];

/** Each kind of damage takes bytes and gives new ones. */
const DAMAGES: readonly ((bytes: Uint8Array, random: Random) => Uint8Array)[] = [
  function flippedBits(bytes, random) {
    const damaged = bytes.slice();
    for (let count = 1 + below(random, 4); count > 0; count--)
      damaged[below(random, bytes.length)]! ^= 1 << below(random, 8);
    return damaged;
  },
  function anyBytes(bytes, random) {
    const damaged = bytes.slice();
    for (let count = 1 + below(random, 8); count > 0; count--)
      damaged[below(random, bytes.length)] = below(random, 256);
    return damaged;
  },
  function cut(bytes, random) {
    return bytes.slice(0, below(random, bytes.length));
  },
  function withoutRange(bytes, random) {
    const from = below(random, bytes.length);
    return splice(bytes, from, from + below(random, 200), '');
  },
  function withRangeTwice(bytes, random) {
    const from = below(random, bytes.length);
    const range = bytes.slice(from, from + below(random, 200));
    return splice(bytes, from, from, new TextDecoder('latin1').decode(range));
  },
  function withSplinter(bytes, random) {
    const from = below(random, bytes.length);
    return splice(bytes, from, from + below(random, 2), oneOf(random, SPLINTERS));
  },
  function otherNumber(bytes, random) {
    const [from, to] = anyNumber(bytes, random);
    return splice(bytes, from, to, oneOf(random, NUMBERS));
  },
  function swappedNumbers(bytes, random) {
    const [from, to] = anyNumber(bytes, random);
    const [otherFrom, otherTo] = anyNumber(bytes, random);
    return splice(bytes, from, to, new TextDecoder().decode(bytes.slice(otherFrom, otherTo)));
  },
  function nullBytes(bytes, random) {
    const damaged = bytes.slice();
    const from = below(random, bytes.length);
    return damaged.fill(0, from, from + below(random, 4096));
  },
];

function splice(bytes: Uint8Array, from: number, to: number, text: string): Uint8Array {
  const middle = encode(text);
  const rest = bytes.subarray(Math.min(to, bytes.length));
  const spliced = new Uint8Array(from + middle.length + rest.length);
  spliced.set(bytes.subarray(0, from));
  spliced.set(middle, from);
  spliced.set(rest, from + middle.length);
  return spliced;
}

/** Place of a number near a random place; an empty range when there is none. */
function anyNumber(bytes: Uint8Array, random: Random): [number, number] {
  const isDigit = (at: number): boolean => bytes[at]! >= 0x30 && bytes[at]! <= 0x39;
  let from = below(random, bytes.length);
  while (from < bytes.length && !isDigit(from)) from++;
  while (from > 0 && isDigit(from - 1)) from--;
  let to = from;
  while (to < bytes.length && isDigit(to)) to++;
  return [from, to];
}

/** Damage to whole sections: another order, one missing, one twice, one in the place of another. */
function mixedSections(sections: Sections, random: Random): Uint8Array {
  const entries = Object.entries(sections);
  const a = below(random, entries.length);
  const b = below(random, entries.length);
  switch (below(random, 4)) {
    case 0:
      [entries[a], entries[b]] = [entries[b]!, entries[a]!];
      break;
    case 1:
      entries.splice(a, 1);
      break;
    case 2:
      entries.splice(b, 0, entries[a]!);
      break;
    default:
      entries[a] = [entries[a]![0], entries[b]![1]];
  }
  return encode(`{${entries.map(([name, value]) => `"${name}":${value}`).join(',')}}`);
}

/** A snapshot damaged in one way or in three. */
export function damaged(seed: Seed, random: Random): Uint8Array {
  if (random() < 0.1) return mixedSections(seed.sections, random);
  let bytes = seed.bytes;
  for (let rounds = random() < 0.8 ? 1 : 3; rounds > 0 && bytes.length > 0; rounds--)
    bytes = oneOf(random, DAMAGES)(bytes, random);
  return bytes;
}
