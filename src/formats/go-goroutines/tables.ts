import type { GoFrame, GoroutineDump, GoroutineLabel } from '../../model/goroutines.ts';
import type { HeaderState } from './header.ts';
import type { GoroutineRows } from './rows.ts';
import type { StackTrie } from './stack-trie.ts';

export interface DumpParts
  extends Pick<
    GoroutineDump,
    'file' | 'part' | 'offset' | 'cause' | 'at' | 'cut' | 'unreadable' | 'repeated'
  > {
  readonly rows: GoroutineRows;
  readonly trie: StackTrie;
  readonly headers: readonly (HeaderState | null)[];
  readonly creationFrames: readonly number[];
}

const UNKNOWN: GoFrame = { function: '', file: '', line: 0, pcOffset: -1 };

/** Turns what was scanned into the tables of a dump: states, stacks and frames by number. */
export function finishDump({ rows, trie, headers, creationFrames, ...facts }: DumpParts): GoroutineDump {
  const { count } = rows;
  const states = new Numbering<string>();
  const labelSets: (readonly GoroutineLabel[])[] = [[]];
  const shapes = headers.map((header) => {
    if (header === null) return { state: 0, labelSet: 0 };
    const labelSet = header.labels.length === 0 ? 0 : labelSets.push(header.labels) - 1;
    return { state: states.of(header.state), labelSet };
  });
  const state = new Uint16Array(count);
  const waitMinutes = new Uint32Array(count);
  const labelSet = new Uint32Array(count);
  const flags = rows.flags.slice(0, count);
  const stack = new Uint32Array(count);
  const stacks = new Numbering<number>();
  for (let row = 0; row < count; row++) {
    const header = rows.header[row]!;
    const shape = shapes[header]!;
    state[row] = shape.state;
    labelSet[row] = shape.labelSet;
    waitMinutes[row] = headers[header]!.waitMinutes;
    flags[row]! |= headers[header]!.flags;
    stack[row] = stacks.of(rows.node[row]!);
  }
  const paths = stacks.items.map((node) => trie.pathTo(node));
  const firstFrame = new Uint32Array(paths.length + 1);
  paths.forEach((path, index) => {
    firstFrame[index + 1] = firstFrame[index]! + path.length;
  });
  return {
    format: 'go-goroutines',
    ...facts,
    count,
    id: rows.id.slice(0, count),
    state,
    waitMinutes,
    flags,
    labelSet,
    stack,
    creation: rows.creation.slice(0, count),
    creatorId: rows.creatorId.slice(0, count),
    states: states.items,
    labelSets,
    stackCount: paths.length,
    firstFrame,
    stackFrame: Uint32Array.from(paths.flat()),
    frames: trie.frames,
    creations: [UNKNOWN, ...creationFrames.map((frame) => trie.frames[frame]!)],
  };
}

/** Numbers things in the order in which they come. */
class Numbering<T> {
  readonly items: T[] = [];
  private readonly index = new Map<T, number>();
  private last: T | undefined;
  private lastIndex = -1;

  of(item: T): number {
    if (item === this.last) return this.lastIndex;
    let index = this.index.get(item);
    if (index === undefined) {
      index = this.items.push(item) - 1;
      this.index.set(item, index);
    }
    this.last = item;
    this.lastIndex = index;
    return index;
  }
}
