import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { parsePprof } from '../../formats/pprof/read.ts';
import { parseProfileText } from '../../formats/profile-text/read.ts';
import type { StackProfile } from '../../model/stack-profile.ts';
import { top } from './top.ts';

const FOLDER = new URL('../../../fixtures/pprof/', import.meta.url).pathname;
const fromProto = (name: string): StackProfile =>
  parsePprof(gunzipSync(readFileSync(`${FOLDER}${name}.pb.gz`)), name);
const fromText = (name: string): StackProfile =>
  parseProfileText(readFileSync(`${FOLDER}${name}.txt`, 'utf8'), name);

test.for(['go1.22', 'go1.23', 'go1.26'])(
  'lines of a heap of %s are the same in text as in proto',
  (version) => {
    const [text, proto] = [fromText(`${version}/heap-A`), fromProto(`${version}/heap-A`)];
    expect(text.sampleTypes).toEqual(proto.sampleTypes);
    expect([text.period, text.periodType, text.runtime]).toEqual([
      proto.period,
      proto.periodType,
      proto.runtime,
    ]);
    // Both were taken one after the other, and writing the first allocated: only the service's own code has the same values.
    for (const sampleType of ['alloc_objects', 'alloc_space', 'inuse_objects', 'inuse_space']) {
      const options = { sampleType, granularity: 'lines', focus: 'newOrder|render|sorting' } as const;
      const table = (profile: StackProfile): string[] =>
        top(profile, options).rows.map(
          ({ name, flat, cum, evidence }) => `${name} ${flat} ${cum} ${evidence!.rawCum}`,
        );
      expect(table(text)).toEqual(table(proto));
      expect(table(text).length).toBeGreaterThan(4);
    }
  },
);

test.for(['mutex', 'goroutine-B', 'goroutineleak'])(
  'lines of %s of Go 1.27 are the same in text as in proto',
  (kind) => {
    const table = (profile: StackProfile): string[] =>
      top(profile, { granularity: 'lines', focus: 'main\\.', ignore: 'main\\.write$' })
        .rows.filter(({ name }) => !name.startsWith('runtime.'))
        .map(({ name, cum }) => `${name} ${cum}`);
    expect(new Set(table(fromText(`go1.27/${kind}`)))).toEqual(new Set(table(fromProto(`go1.27/${kind}`))));
  },
);
