import type { GoroutineCapture } from '../../analysis/goroutines/captures.ts';
import { captureOfProfile } from '../../analysis/goroutines/captures.ts';
import { type GoroutineGroup, groupGoroutines } from '../../analysis/goroutines/groups.ts';
import { type Kinship, kinshipIn } from '../../analysis/goroutines/kinship.ts';
import { connectionLoad } from '../../analysis/goroutines/load.ts';
import { placeOf, type Signature, SignatureTable } from '../../analysis/goroutines/signatures.ts';
import { type Survival, survivalBetween } from '../../analysis/goroutines/survivors.ts';
import { framesOf, GOROUTINE_LEAKED, type GoroutineDump } from '../../model/goroutines.ts';
import type { StackProfile } from '../../model/stack-profile.ts';
import { countAtWork } from './http-client.ts';
import type { Moment } from './moments.ts';

/** A group of goroutines and all that the captures tell about it. */
export interface GroupStudy {
  readonly group: GoroutineGroup;
  /** One entry an interval; null where one of its captures has no ids. */
  readonly survival: readonly (Survival | null)[];
  /** One entry a capture; null where it has no ids. */
  readonly kinship: readonly (Kinship | null)[];
  /** Most goroutines that the runtime's leak detector named in one capture; null when it was never asked. */
  readonly provenStuck: number | null;
  /** Goroutines with code of the service or a library on the stack, by capture. */
  readonly atWork: readonly number[];
  /** Goroutines of other groups that are there because a client is, by capture. */
  readonly load: readonly number[];
}

export function studyGroups(
  moments: readonly Moment[],
  captures: readonly GoroutineCapture[],
  table: SignatureTable,
): GroupStudy[] {
  const grouped = groupGoroutines(table, captures);
  const survivals = captures
    .slice(1)
    .map((capture, index) => survivalBetween(captures[index]!, capture, grouped));
  const kinships = captures.map((capture) => kinshipIn(capture, grouped));
  const loads = captures.map((capture) => connectionLoad(capture, table));
  const atWork = captures.map((capture) => countAtWork(capture, table));
  const asked = moments.some(({ leaks }) => leaks !== null) || captures.some(({ leaked }) => leaked.size > 0);
  const named = moments.map(({ leaks }) => (leaks ? provenIn(leaks) : new Map<string, number>()));
  return grouped.groups.map((group) => {
    const keys = new Set(group.signatures.map(waitKey));
    const marks = Math.max(0, ...group.leaked);
    const proven = Math.max(
      marks,
      ...named.map((counts) => [...keys].reduce((sum, key) => sum + (counts.get(key) ?? 0), 0)),
    );
    return {
      group,
      survival: survivals.map((all) => all?.[group.index] ?? null),
      kinship: kinships.map((all) => all?.[group.index] ?? null),
      provenStuck: asked ? proven : null,
      atWork,
      load: loads.map((load) => {
        let total = 0;
        for (const [index, count] of load) if (grouped.groupOf[index] !== group.index) total += count;
        return total;
      }),
    };
  });
}

/** A leak profile has no creators: the waiting line and what was started must do. */
function waitKey({ blame, entry }: Signature): string {
  return `${blame ? placeOf(blame) : ''} ${entry?.function ?? ''}`;
}

function provenIn(leaks: StackProfile | GoroutineDump): Map<string, number> {
  const table = new SignatureTable();
  const counts = new Map<string, number>();
  const add = (signature: Signature, count: number): void => {
    const key = waitKey(signature);
    counts.set(key, (counts.get(key) ?? 0) + count);
  };
  if ('sampleTypes' in leaks) {
    for (const [index, count] of captureOfProfile(leaks, table).counts) add(table.all[index]!, count);
    return counts;
  }
  for (let row = 0; row < leaks.count; row++) {
    if ((leaks.flags[row]! & GOROUTINE_LEAKED) === 0) continue;
    const creation = leaks.creation[row] === 0 ? null : leaks.creations[leaks.creation[row]!]!;
    add(table.of(framesOf(leaks, leaks.stack[row]!), 'blocked', creation), 1);
  }
  return counts;
}
