import type { Dimension } from '../../formats/incident-text/quantities.ts';
import type { TextPoint } from '../text-series.ts';
import { stemsOf } from './words.ts';

/** One metric of one thing, at one or more times, as any block of a text shows it. */
export interface Track {
  /** As written: `heapUsed`, "RSS (MiB)", `MEM USAGE`. */
  readonly name: string;
  readonly words: readonly string[];
  /** Whose: `checkout-1`, `18`; '' where the text has one only. */
  readonly entity: string;
  /** What the entity is called by, each a word or more: "worker 0", "18". */
  readonly aliases: readonly string[];
  readonly dimension: Dimension;
  /** In the order of time; the minute of a point without a time is NaN. */
  readonly points: readonly TextPoint[];
  /** Read by a tool's own form, so that its unit is sure. */
  readonly block: number;
}

/** A value before it is known which others belong to it. */
export interface Reading {
  readonly name: string;
  readonly entity: string;
  readonly aliases: readonly string[];
  readonly dimension: Dimension;
  readonly minute: number;
  readonly value: TextPoint['value'];
  readonly line: number;
  readonly block: number;
}

/** Values of the same name, thing and dimension as one track each, in the order of time. */
export function tracksFrom(readings: readonly Reading[]): Track[] {
  const byKey = new Map<string, Reading[]>();
  for (const each of readings) {
    const key = `${each.name}\u0000${each.entity}\u0000${each.dimension}`;
    const held = byKey.get(key);
    if (held) held.push(each);
    else byKey.set(key, [each]);
  }
  return [...byKey.values()].map((held) => {
    const { name, entity, aliases, dimension, block } = held[0]!;
    const timed = held.every(({ minute }) => Number.isFinite(minute));
    const sorted = timed ? held.toSorted((a, b) => a.minute - b.minute) : held;
    return {
      name,
      words: stemsOf(name),
      entity,
      aliases,
      dimension,
      block,
      points: sorted.map(({ minute, value, line }) => ({
        minute: timed ? minute : Number.NaN,
        value,
        line,
        note: '',
      })),
    };
  });
}
