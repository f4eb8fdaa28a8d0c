import { framesOf, type GoroutineDump } from '../../model/goroutines.ts';
import type { GoroutineCapture, Identified } from './captures.ts';
import { authorOfFrame, writtenIn } from './frame-author.ts';
import type { Grouped } from './groups.ts';

/** What is known of those who started the goroutines of a group. */
export interface Kinship {
  /** Started by a goroutine that is gone, or is back in a server's own loop and has nothing of the service on its stack. */
  readonly orphans: number;
  /** Started by a call that is still on its creator's stack. */
  readonly attended: number;
  /** The creator lives and does something else of the service: it may be waiting for them or have forgotten them. */
  readonly undecided: number;
  /** No creator is printed (Go 1.20 and older, main), or the dump is cut so that it may be missing. */
  readonly unknown: number;
  /** Different creators. */
  readonly creators: number;
  /** Have a sibling by the same call of the same creator that waits on a connection: they live as long as it does. */
  readonly besideConnection: number;
}

/**
 * Asks after the creators of every group's goroutines in one capture ("created by X in goroutine N", Go 1.21 and later).
 * Null when the capture has no ids.
 */
export function kinshipIn(capture: GoroutineCapture, { groups, groupOf }: Grouped): Kinship[] | null {
  if (!capture.identified) return null;
  const { dump, signature } = capture.identified;
  const stacks = new StackFacts(dump);
  const connections = connectionsByCreator(capture.identified, dump);
  const left = new Map(connections);
  const tallies = groups.map(() => ({
    orphans: 0,
    attended: 0,
    undecided: 0,
    unknown: 0,
    creators: new Set<number>(),
    besideConnection: 0,
  }));
  for (let row = 0; row < dump.count; row++) {
    const tally = tallies[groupOf[signature[row]!]!]!;
    const creator = dump.creatorId[row]!;
    if (creator === 0) {
      tally.unknown++;
      continue;
    }
    tally.creators.add(creator);
    if (left.size > 0 && dump.states[dump.state[row]!] !== 'IO wait') {
      const key = siblingKey(dump, row);
      const free = left.get(key) ?? 0;
      if (free > 0) {
        tally.besideConnection++;
        left.set(key, free - 1);
      }
    }
    tally[relation(capture.identified, dump, row, creator, stacks)]++;
  }
  return tallies.map(({ creators, ...tally }) => ({ ...tally, creators: creators.size }));
}

function relation(
  { rowOf }: Identified,
  dump: GoroutineDump,
  row: number,
  creator: number,
  stacks: StackFacts,
): 'orphans' | 'attended' | 'undecided' | 'unknown' {
  const creatorRow = rowOf.get(creator);
  if (creatorRow === undefined) return dump.cut === null ? 'orphans' : 'unknown';
  return stacks.relation(dump.stack[creatorRow]!, dump.creation[row]!, dump.stack[row]!);
}

/** Goroutines in IO wait by creator and function of the `go` statement; Go's own (the watch on a request's body) do not count. */
function connectionsByCreator({ signature }: Identified, dump: GoroutineDump): Map<string, number> {
  const counts = new Map<string, number>();
  const ioWait = dump.states.indexOf('IO wait');
  for (let row = 0; ioWait >= 0 && row < signature.length; row++) {
    if (dump.creatorId[row] === 0 || dump.state[row] !== ioWait) continue;
    if (authorOfFrame(dump.creations[dump.creation[row]!]!) === 'standard') continue;
    const key = siblingKey(dump, row);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function siblingKey(dump: GoroutineDump, row: number): string {
  return `${dump.creatorId[row]} ${dump.creations[dump.creation[row]!]!.function}`;
}

/** Facts about stacks, found once each. */
class StackFacts {
  private readonly names = new Map<number, ReadonlySet<string>>();
  private readonly service = new Map<number, boolean>();
  private readonly starters = new Map<number, readonly string[]>();
  private readonly relations = new Map<number, 'orphans' | 'attended' | 'undecided'>();

  constructor(private readonly dump: GoroutineDump) {}

  /** What a creator with this stack is to a goroutine that it started there and that has that stack. */
  relation(creatorStack: number, creation: number, ownStack: number): 'orphans' | 'attended' | 'undecided' {
    const { creations, stackCount } = this.dump;
    const key = (creatorStack * stackCount + ownStack) * creations.length + creation;
    let relation = this.relations.get(key);
    if (relation === undefined) {
      const names = [creations[creation]!.function, ...this.startersOf(ownStack)];
      if (names.some((name) => this.has(creatorStack, name))) relation = 'attended';
      else relation = this.isService(creatorStack) ? 'undecided' : 'orphans';
      this.relations.set(key, relation);
    }
    return relation;
  }

  private has(stack: number, name: string): boolean {
    let names = this.names.get(stack);
    if (!names) {
      names = new Set(framesOf(this.dump, stack).map((frame) => frame.function));
      this.names.set(stack, names);
    }
    return names.has(name);
  }

  /** True when code of the service is on the stack. */
  private isService(stack: number): boolean {
    let is = this.service.get(stack);
    if (is === undefined) {
      is = framesOf(this.dump, stack).some((frame) => authorOfFrame(frame) === 'user');
      this.service.set(stack, is);
    }
    return is;
  }

  /** Functions whose closures run in the goroutine: with `safe.Go(func() {…})` the caller is who waits, not `safe.Go`. */
  private startersOf(stack: number): readonly string[] {
    let starters = this.starters.get(stack);
    if (!starters) {
      starters = framesOf(this.dump, stack)
        .map((frame) => writtenIn(frame.function))
        .filter((name) => name !== null);
      this.starters.set(stack, starters);
    }
    return starters;
  }
}
