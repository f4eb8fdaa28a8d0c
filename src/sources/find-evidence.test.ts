import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { snapshotBytes } from '../formats/v8-heapsnapshot/draw-snapshot.ts';
import { findEvidence } from './find-evidence.ts';
import { inOrder } from './in-order.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stanch-evidence-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const SNAPSHOT: Uint8Array = snapshotBytes('root -!global-> g:Object -.app-> a:App@101');

function write(name: string, content: string | Uint8Array = SNAPSHOT, modifiedSeconds?: number): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  if (modifiedSeconds !== undefined) utimesSync(path, modifiedSeconds, modifiedSeconds);
  return path;
}

const found = async (paths: string[], options = {}) => {
  const { dumps, ...rest } = await findEvidence(paths, options);
  return { ...rest, dumps: dumps.map(({ label, file }) => `${label} ${file.slice(folder.length + 1)}`) };
};

describe('files', () => {
  test('are ordered by their names and labelled A, B, C', async () => {
    const paths = [write('heap-10'), write('heap-2'), write('heap-1')];
    expect((await found(paths)).dumps).toEqual(['A heap-1', 'B heap-2', 'C heap-10']);
  });

  test('whose names say no order go by when they were written, which is said', async () => {
    const paths = [write('new', SNAPSHOT, 2000), write('old', SNAPSHOT, 1000)];
    const { dumps, notes } = await found(paths);
    expect(dumps).toEqual(['A old', 'B new']);
    expect(notes).toEqual([expect.stringContaining('when the files were written')]);
  });

  test('are taken as given when even that says nothing', async () => {
    const paths = [write('new', SNAPSHOT, 1000), write('old', SNAPSHOT, 1000)];
    expect((await found(paths)).dumps).toEqual(['A new', 'B old']);
  });

  test('are known by what they hold, not by their names, packed or not', async () => {
    const path = write('picture.png', gzipSync(SNAPSHOT));
    const { dumps } = await findEvidence([path]);
    expect(dumps).toMatchObject([{ format: 'v8-heapsnapshot', sizeBytes: null, at: null }]);
    const graph = await dumps[0]!.load({});
    expect(graph.nodeId).toContain(101);
  });

  test('that cannot be used are named with the reason, and the rest is used', async () => {
    const paths = [write('A'), write('B', 'time,rss\n1,2\n'), join(folder, 'C'), write('D', '')];
    const { dumps, unreadable } = await found(paths);
    expect(dumps).toEqual(['A A']);
    expect(unreadable).toEqual([
      { file: paths[1], reason: 'nothing that Stanch knows' },
      { file: paths[2], reason: 'no such file' },
      { file: paths[3], reason: 'the file is empty' },
    ]);
  });

  test('all of which cannot be used are an error with exit code 3', async () => {
    await expect(findEvidence([join(folder, 'none')])).rejects.toMatchObject({
      message: expect.stringContaining('no such file'),
      exitCode: 3,
    });
    await expect(findEvidence([write('x', 'x'), write('y', 'y')])).rejects.toMatchObject({
      message: expect.stringMatching(/none of the 2 pieces.*\n.*x: nothing that.*\n.*y: nothing that/),
    });
  });
});

describe('folders', () => {
  test('are searched, and files in them that are no dumps are passed over', async () => {
    write('dumps/heap-2.heapsnapshot');
    write('dumps/heap-1.heapsnapshot');
    write('dumps/README.md', '# dumps');
    write('dumps/heap-3.heapsnapshot.part');
    write('dumps/node_modules/x/A.heapsnapshot');
    const { dumps, unreadable } = await found([join(folder, 'dumps')]);
    expect(dumps).toEqual(['A dumps/heap-1.heapsnapshot', 'B dumps/heap-2.heapsnapshot']);
    expect(unreadable).toEqual([]);
  });

  test('may have a folder for each moment', async () => {
    for (const moment of ['final', 'target', 'baseline']) write(`run/${moment}/app.heapsnapshot`);
    expect((await found([join(folder, 'run')])).dumps).toEqual([
      'A run/baseline/app.heapsnapshot',
      'B run/target/app.heapsnapshot',
      'C run/final/app.heapsnapshot',
    ]);
  });

  test('without a dump are said to be so', async () => {
    mkdirSync(join(folder, 'empty'));
    await expect(findEvidence([join(folder, 'empty')])).rejects.toThrowError(
      /no heap dump and no profile in this folder/,
    );
  });
});

test('standard input is evidence too, and can be loaded twice', async () => {
  async function* stdin(): AsyncGenerator<Uint8Array> {
    const packed = gzipSync(SNAPSHOT);
    for (let at = 0; at < packed.length; at += 7) yield packed.subarray(at, at + 7);
  }
  const { dumps } = await findEvidence(['-'], { stdin: stdin() });
  expect(dumps).toMatchObject([{ label: 'A', file: '<stdin>' }]);
  const graph = await dumps[0]!.load({});
  expect(await dumps[0]!.load({})).toBe(graph);
  expect(graph.strings.get(graph.nodeName[2]!)).toBe('App');
});

describe('what is known only after reading', () => {
  const dump = (highest: number): Uint8Array =>
    snapshotBytes(`root -!global-> g:Object@3 -.app-> a:App@101 -.x-> x:Thing@${highest}`);
  const load =
    (sameProcess: boolean) =>
    async (dumps: readonly { label: string; file: string; load(o: object): Promise<unknown> }[]) => {
      for (const each of dumps) await each.load({});
      return {
        sameProcess,
        order: dumps.map(({ label, file }) => `${label} ${file.slice(folder.length + 1)}`),
      };
    };

  test('the order, when dumps of one process prove the names wrong', async () => {
    const evidence = await findEvidence([
      write('A', dump(901)),
      write('B', dump(501)),
      write('C', dump(701)),
    ]);
    const { result, evidence: after } = await inOrder(evidence, 1, load(true));
    expect(result.order).toEqual(['A B', 'B C', 'C A']);
    expect(after.notes).toEqual([expect.stringContaining('ordered by what the dumps hold')]);
  });

  test('nothing, when they are of different processes', async () => {
    const evidence = await findEvidence([write('A', dump(901)), write('B', dump(501))]);
    const { result, evidence: after } = await inOrder(evidence, 1, load(false));
    expect(result.order).toEqual(['A A', 'B B']);
    expect(after.notes).toEqual([]);
  });

  test('damage: the dump is left out with the byte, and the rest is used', async () => {
    const paths = [write('A', dump(501)), write('B', dump(701).subarray(0, 900)), write('C', dump(901))];
    const { result, evidence } = await inOrder(await findEvidence(paths), 1, load(true));
    expect(result.order).toEqual(['A A', 'C C']);
    expect(evidence.unreadable).toEqual([
      { file: paths[1], reason: expect.stringMatching(/^at byte \d+: expected/) },
    ]);
  });

  test('damage that leaves too few is an error; --partial uses what there is', async () => {
    const paths = [write('A', dump(501)), write('B', dump(701).subarray(0, -40))];
    await expect(inOrder(await findEvidence(paths), 2, load(true))).rejects.toMatchObject({ exitCode: 3 });
    const { result } = await inOrder(await findEvidence(paths, { partial: true }), 2, load(true));
    expect(result.order).toEqual(['A A', 'B B']);
  });

  test('mistakes of the calculation are not blamed on the dumps', async () => {
    const evidence = await findEvidence([write('A')]);
    const bug = new TypeError('a bug');
    await expect(inOrder(evidence, 1, () => Promise.reject(bug))).rejects.toBe(bug);
  });
});
