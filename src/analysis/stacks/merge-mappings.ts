import type { Mapping, StackProfile } from '../../model/stack-profile.ts';
import type { StackProfileBuilder } from '../../model/stack-profile-builder.ts';

/** Sizes of one binary may differ a little between runs. */
const ROUNDING = 0x1000n;

/** Recognises the same binary in several profiles: by build id, else by file; by size and offset within the file. */
export class MappingMerger {
  private readonly known = new Map<string, { row: number; start: bigint }>();

  constructor(private readonly builder: StackProfileBuilder) {}

  /** For each mapping of the profile: its row in the merged one, and what to add to its addresses. */
  add({ mappings }: StackProfile): { row: number; shift: bigint }[] {
    return mappings.map((mapping) => {
      const key = keyOf(mapping);
      let known = this.known.get(key);
      if (known === undefined) {
        known = { row: this.builder.mapping(mapping), start: mapping.start };
        this.known.set(key, known);
      }
      return { row: known.row, shift: known.start - mapping.start };
    });
  }
}

function keyOf({ start, limit, offset, buildId, file }: Mapping): string {
  const size = BigInt.asUintN(64, limit - start);
  const rounded = (size + ROUNDING - 1n) / ROUNDING;
  return `${rounded}|${offset}|${buildId === '' ? file : buildId}`;
}
