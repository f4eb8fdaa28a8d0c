import { expect, test } from 'vitest';
import { bytesSource } from '../../base/byte-source.ts';
import { readGoroutines } from '../../formats/go-goroutines/read.ts';
import type { GoroutineDump } from '../../model/goroutines.ts';
import { differentProcess } from './same-process.ts';

interface Drawn {
  id: number;
  creator?: number;
  site?: string;
  offset?: number;
}

async function dump(goroutines: readonly Drawn[]): Promise<GoroutineDump> {
  const text = goroutines.map(
    ({ id, creator = 1, site = 'main.start', offset = 31 }) =>
      `goroutine ${id} [select]:\nmain.work()\n\t/srv/main.go:9 +0x1\ncreated by ${site} in goroutine ${creator}\n\t/srv/main.go:7 +0x${offset.toString(16)}\n`,
  );
  const bytes = new TextEncoder().encode(text.join('\n'));
  return (await readGoroutines(bytesSource(bytes, 'dump.txt')))[0]!;
}

const range = (from: number, to: number, step: number = 1): Drawn[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => ({ id: from + index * step }));

test('goroutines that stay and come are one process', async () => {
  expect(differentProcess(await dump(range(10, 60)), await dump(range(10, 160)))).toBeNull();
});

test('a server whose clients have left has far lower ids, and is the same process', async () => {
  expect(differentProcess(await dump(range(2, 200)), await dump([{ id: 2 }, { id: 300 }]))).toBeNull();
  expect(differentProcess(await dump(range(2, 200)), await dump([{ id: 2 }]))).toBeNull();
});

test('ids that were left over in a processor’s batch are no restart', async () => {
  const earlier = await dump([...range(2, 20), ...range(33, 200)]);
  expect(differentProcess(earlier, await dump([...range(2, 30)]))).toBeNull();
});

test('new ids below old ones in batch after batch are a restart', async () => {
  expect(differentProcess(await dump(range(10, 400, 4)), await dump(range(11, 300, 4)))).toMatch(
    /begin anew/,
  );
});

test('the same ids started by others are a restart', async () => {
  const later = range(10, 60).map((each) => ({ ...each, creator: 5 }));
  expect(differentProcess(await dump(range(10, 60)), await dump(later))).toMatch(/started by something else/);
});

test('other instruction offsets of the same statements are another build', async () => {
  const later = range(10, 60).map((each) => ({ ...each, offset: 99 }));
  expect(differentProcess(await dump(range(10, 60)), await dump(later))).toMatch(/different builds/);
});
