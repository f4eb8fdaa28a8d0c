import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Aside, type ByteSource, bytesSource } from '../../base/byte-source.ts';
import { choppedSource, randomNumbers } from '../../base/chopped-source.ts';
import { FormatError } from '../../base/errors.ts';
import { damaged, oneOf, type Seed, soundSnapshots } from './damaged-snapshots.ts';
import { type EdgesMessage, type EdgesTask, readEdgesAside } from './edges-aside.ts';
import type { Input } from './input.ts';
import { SnapshotReader } from './reader.ts';
import { feedOnTwoThreads } from './two-threads.ts';

/*
 * The second thread's program, run at once in this thread: what it takes must be what the reader takes that reads the
 * file in one piece. `test/two-threads.test.ts` runs the built thread.
 */

function seeds(): Seed[] {
  const folder = mkdtempSync(join(tmpdir(), 'stanch-two-threads-'));
  const path = join(folder, 'real.heapsnapshot');
  execFileSync(process.execPath, ['-e', 'require("v8").writeHeapSnapshot(process.argv[1])', path]);
  const text = readFileSync(path, 'utf8');
  rmSync(folder, { recursive: true });
  return soundSnapshots(text);
}

/** A source that can be read from anywhere and whose second thread answers at once. */
function seekable(bytes: Uint8Array, nextBytes: () => number): ByteSource {
  return {
    ...bytesSource(bytes),
    chunksFrom: (offset) => choppedSource(bytes.subarray(offset), nextBytes).chunks(),
    startAside: (task) => asideAtOnce(bytes, task as EdgesTask),
  };
}

function asideAtOnce(bytes: Uint8Array, task: EdgesTask): Aside {
  const messages: EdgesMessage[] = [];
  try {
    readEdgesAside(task, {
      read(into, offset) {
        const part = bytes.subarray(offset, offset + into.length);
        into.set(part);
        return part.length;
      },
      newBuffer: (length) => new Uint8Array(length),
      post: (message) => messages.push(message),
    });
  } catch (error) {
    // The thread ends with it; whoever waits for it hears only that.
    if (!(error instanceof FormatError)) throw error;
  }
  return { next: () => Promise.resolve(messages.shift() ?? null), stop: () => undefined };
}

type Outcome = { tables: unknown } | { error: string } | 'not on two threads';

function tablesOf(reader: SnapshotReader): unknown {
  const { nodes, edges, strings, locations, traceTree, samples, complete } = reader;
  const count = edges!.count;
  return {
    nodes: [nodes!.count, nodes!.edges, [...nodes!.firstEdge.subarray(0, nodes!.count + 1)]],
    edges: [edges!.kind, edges!.name, edges!.target].map((array) => [...array.subarray(0, count)]),
    maxName: edges!.maxName,
    strings: Array.from({ length: strings!.length }, (_, index) => strings!.table().get(index)),
    flat: [[...locations.view()], [...(traceTree?.ids.view() ?? [])], samples.values],
    complete: [...complete].sort(),
  };
}

async function onTwoThreads(bytes: Uint8Array, nextBytes: () => number): Promise<Outcome> {
  const source = seekable(bytes, nextBytes);
  const input: Input = { file: source.name, chunkOffset: 0 };
  const options = { input, sizeBytes: bytes.length, readAt: source.readAt!, edgesElsewhere: true };
  const reader = new SnapshotReader(options);
  try {
    if (!(await feedOnTwoThreads(source, reader, input, {}))) return 'not on two threads';
    return { tables: tablesOf(reader) };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { error: error.message };
  }
}

function inOnePiece(bytes: Uint8Array): Outcome {
  const source = bytesSource(bytes);
  const input: Input = { file: source.name, chunkOffset: 0 };
  const reader = new SnapshotReader({ input, sizeBytes: bytes.length, readAt: source.readAt! });
  try {
    reader.feed(bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { error: error.message };
  }
  if (!reader.finished || !reader.nodes || !reader.edges || !reader.strings) return { error: 'cut' };
  return { tables: tablesOf(reader) };
}

test('sound snapshots are read the same on two threads, wherever the chunks end', async () => {
  const random = randomNumbers(4);
  for (const { bytes } of seeds()) {
    for (const longest of [10, 1000, 1 << 20]) {
      const outcome = await onTwoThreads(bytes, () => 1 + Math.floor(random() * longest));
      expect(outcome).toEqual(inOnePiece(bytes));
    }
  }
});

test.each([
  ['a bracket too many behind the edges', (text: string) => text.replace(/(?<="edges":[^\]]*\])/, ' ]')],
  ['a word behind the edges', (text: string) => text.replace(/(?<="edges":[^\]]*)\]/, '],x]')],
  ['a section too few', (text: string) => text.replace(/,\s*"strings":[\s\S]*/, '}')],
])('%s is not passed over', async (_, spoil) => {
  const bytes = new TextEncoder().encode(spoil(new TextDecoder().decode(seeds()[0]!.bytes)));
  expect(inOnePiece(bytes)).toHaveProperty('error');
  expect(await onTwoThreads(bytes, () => 1000)).not.toHaveProperty('tables');
});

test('what two threads take from 5,000 damaged snapshots is what one takes, or it is an error', async () => {
  const random = randomNumbers(99);
  const all = seeds();
  let taken = 0;
  for (let run = 0; run < 5000; run++) {
    const bytes = damaged(oneOf(random, all), random);
    const two = await onTwoThreads(bytes, () => 1 + Math.floor(random() * 5000));
    if (two === 'not on two threads') continue;
    const one = inOnePiece(bytes);
    if ('tables' in two) {
      expect(two).toEqual(one);
      taken++;
    } else {
      // Both find fault, perhaps with another place: edges are judged last.
      expect(one).toHaveProperty('error');
    }
  }
  expect(taken).toBeGreaterThan(500);
}, 60_000);
