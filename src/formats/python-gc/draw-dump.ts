import type { Family } from './raw.ts';
import { ELEMENTS, ENTRIES, FAMILIES, LAYOUT, SLOTS } from './raw.ts';

/** Dumps for tests, written block by block as the agent would. Addresses are told in steps of 16 bytes from a base. */
export interface DrawnObject {
  readonly address: number;
  readonly type: number;
  readonly family: Family;
  readonly bytes: number;
  readonly length?: number;
}

export interface DrawnReferences {
  readonly role: 'elements' | 'entries' | 'layout' | 'slots';
  readonly owner: number;
  /** Addresses; of entries keys and values in turn. */
  readonly targets: readonly number[];
  readonly names?: readonly (readonly [kind: string, name: string])[];
}

export interface DrawnDump {
  readonly header?: object;
  readonly types: readonly (readonly unknown[])[];
  readonly codes?: { readonly files: readonly string[]; readonly rows: readonly (readonly unknown[])[] };
  readonly objects: readonly DrawnObject[];
  readonly references: readonly DrawnReferences[];
  readonly texts?: readonly (readonly [address: number, text: string])[];
  readonly roots: object;
  readonly facts?: object;
}

const ROLES = { elements: ELEMENTS, entries: ENTRIES, layout: LAYOUT, slots: SLOTS } as const;
const encoder = new TextEncoder();

export function drawDump(dump: DrawnDump): Uint8Array {
  const pen = new Pen();
  pen.json(
    'H',
    dump.header ?? {
      schema: 'stanch/python-gc@1',
      pid: 7,
      python: '3.11.2',
      mode: 'fork',
      gc: { enabled: true },
    },
  );
  pen.json('T', dump.types);
  if (dump.codes) pen.json('C', dump.codes);
  for (const { address, type, family, bytes, length } of dump.objects) {
    const lengths = length === undefined ? [] : [length];
    pen.block('O', [
      ...u64(type),
      ...u64(0),
      ...u32(1),
      4,
      lengths.length * 4,
      FAMILIES.indexOf(family),
      0,
      ...u64(0),
      ...u64(address),
      ...u32(bytes),
      ...lengths.flatMap(u32),
    ]);
  }
  const ordinalOf = new Map(dump.objects.map(({ address }, ordinal) => [address, ordinal]));
  let layouts = 0;
  let references = 0;
  for (const { role, owner, targets, names } of dump.references) {
    if (names) pen.json('L', { id: ++layouts, names });
    const isEntries = role === 'entries';
    const keys = isEntries ? targets.filter((_, at) => at % 2 === 0) : targets;
    const values = isEntries ? targets.filter((_, at) => at % 2 === 1) : [];
    references += targets.length;
    pen.block('E', [
      ROLES[role],
      0,
      1,
      0,
      ...u32(names ? layouts : 0),
      ...u32(1),
      ...u32(0),
      ...u32(keys.length),
      ...u32(0),
      ...u64(keys.length),
      ...keys.flatMap(u64),
      ...values.flatMap(u64),
      ...u32(ordinalOf.get(owner)!),
    ]);
  }
  const texts = dump.texts ?? [];
  const joined = encoder.encode(texts.map(([, text]) => text).join('\0'));
  pen.block('S', [
    ...u32(texts.length),
    ...u32(joined.length),
    ...texts.flatMap(([address]) => u64(address)),
    ...joined,
  ]);
  pen.json('X', { roots: dump.roots, facts: dump.facts ?? {} });
  pen.json('Z', { objects: dump.objects.length, references, blocks: pen.blocks + 1, errors: 0 });
  return Uint8Array.from(pen.bytes);
}

class Pen {
  readonly bytes: number[] = [...encoder.encode('stanch-python-gc 1\n')];
  blocks = 0;

  block(kind: string, payload: readonly number[]): void {
    this.bytes.push(kind.charCodeAt(0), 0, 0, 0, ...u32(payload.length));
    for (const byte of payload) this.bytes.push(byte);
    this.blocks++;
  }

  json(kind: string, value: unknown): void {
    this.block(kind, [...encoder.encode(JSON.stringify(value))]);
  }
}

function u32(value: number): number[] {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, (value >>> 24) & 255];
}

function u64(value: number): number[] {
  return [...u32(value % 2 ** 32), ...u32(Math.floor(value / 2 ** 32))];
}
