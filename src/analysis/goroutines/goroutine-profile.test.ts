import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bytesSource } from '../../base/byte-source.ts';
import { readGoroutines } from '../../formats/go-goroutines/read.ts';
import { totalOf } from '../../model/stack-profile.ts';
import { captureOfDump, captureOfProfile } from './captures.ts';
import { goroutineProfile } from './goroutine-profile.ts';
import { SignatureTable } from './signatures.ts';

const FIXTURES = new URL('../../../fixtures/go-goroutines/', import.meta.url);

async function dumpOf(name: string) {
  const bytes = gunzipSync(readFileSync(new URL(name, FIXTURES)));
  return (await readGoroutines(bytesSource(bytes, name)))[0]!;
}

test('a dump as a profile has one sample a goroutine, with its labels', async () => {
  const profile = goroutineProfile(await dumpOf('forms/go1.27-gomod1.27-goroutine-debug2.txt.gz'));
  expect(profile.sampleTypes).toEqual([{ type: 'goroutine', unit: 'count' }]);
  expect(totalOf(profile, 0)).toBe(25);
  expect(profile.strings).toEqual(
    expect.arrayContaining(['goroutine', 'state', 'created by', 'route', 'acme co']),
  );
});

test('compared without creators, a dump and its profile have the same kinds and counts', async () => {
  const dump = await dumpOf('captured/control/B.txt.gz');
  const table = new SignatureTable();
  const fromText = captureOfDump(dump, table, false);
  const fromProfile = captureOfProfile(goroutineProfile(dump), table);
  expect(fromProfile.counts).toEqual(fromText.counts);
  expect(fromProfile.total).toBe(dump.count);
});

test.each(['1.19', '1.23', '1.26', '1.27'])(
  'a crash that shows the runtime’s frames has the kinds of a plain dump: Go %s',
  async (version) => {
    const table = new SignatureTable();
    const kinds = async (name: string) => {
      const capture = captureOfDump(await dumpOf(`forms/go${version}-${name}.txt.gz`), table);
      return [...capture.counts.keys()]
        .map((index) => table.all[index]!)
        .filter(({ creation }) => creation?.function === 'main.park')
        .map(({ frames, creation }) => `${frames[0]?.function} ${creation?.line}`);
    };
    const plain = await kinds('goroutine-debug2');
    const crash = await kinds('crash-quit');
    const shared = plain.filter((kind) => crash.includes(kind));
    expect(shared.length).toBeGreaterThanOrEqual(plain.length - 3);
  },
);
