import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { bytesSource, streamSource } from '../base/byte-source.ts';
import { snapshotBytes } from '../formats/v8-heapsnapshot/draw-snapshot.ts';
import { openFile } from './file.ts';
import { openHeap } from './open-heap.ts';

const folder: string = mkdtempSync(join(tmpdir(), 'stanch-open-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const BYTES: Uint8Array<ArrayBuffer> = Uint8Array.from(
  snapshotBytes('root -!global-> g:Object -.app-> a:App@101 -.key-> s:string"secret-token"@103'),
);

function write(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe('a heap is opened', () => {
  test.each([
    ['a path', () => write('plain', BYTES)],
    ['a packed file', () => write('packed', gzipSync(BYTES))],
    ['bytes', () => bytesSource(BYTES)],
    ['a stream', () => streamSource(new Blob([BYTES]).stream())],
  ])('from %s', async (_, from) => {
    const heap = await openHeap(from());
    expect(heap.object('n-101').name).toBe('App');
    expect(heap.object('n-103').name).toBe('"se…" (12)');
    heap.close();
  });

  test('with values when they are wanted', async () => {
    const heap = await openHeap(bytesSource(BYTES), { showValues: true });
    expect(heap.object('n-103').name).toBe('"secret-token" (12)');
  });

  test.skipIf(process.platform === 'win32')('from a pipe', async () => {
    const path = write('for-pipe', BYTES);
    const pipe = join(folder, 'pipe');
    execFileSync('sh', ['-c', 'mkfifo "$0"', pipe]);
    const opened = openHeap(pipe);
    const writer = spawn('sh', ['-c', 'cat "$0" > "$1"', path, pipe], { stdio: 'ignore' });
    writer.unref();
    expect((await opened).object('n-101').name).toBe('App');
  });
});

describe('a heap is not opened', () => {
  test('from what is no heap dump', async () => {
    await expect(openHeap(bytesSource(new TextEncoder().encode('hello'), 'x.txt'))).rejects.toMatchObject({
      code: 'format-unknown',
      exitCode: 3,
      message: 'x.txt: nothing that Stanch knows',
    });
  });

  test('when it was aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(openHeap(bytesSource(BYTES), { signal })).rejects.toThrowError('enough');
  });

  test('from a file that is closed already', async () => {
    const source = openFile(write('closed', BYTES));
    source.close?.();
    await expect(openHeap(source)).rejects.toMatchObject({ code: 'file-unreadable', exitCode: 3 });
  });

  test.each([
    ['none', 'no such file'],
    ['.', 'not a file'],
  ])('from %s', async (name, reason) => {
    await expect(openHeap(join(folder, name))).rejects.toMatchObject({
      message: expect.stringContaining(reason),
      exitCode: 3,
    });
  });
});
