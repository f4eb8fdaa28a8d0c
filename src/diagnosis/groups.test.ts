import { expect, test } from 'vitest';
import { gain } from '../base/gain.ts';
import { chain, SERVICE, series } from '../formats/v8-heapsnapshot/draw-process.ts';
import { dialectOf } from './dialects.ts';
import { type GrowthGroup, groupGrowth } from './groups.ts';
import { growthOf } from './testing/diagnose-drawn.ts';

const groupsOf = async (texts: readonly string[]): Promise<readonly GrowthGroup[]> => {
  const growth = await growthOf(texts);
  return groupGrowth(growth, dialectOf(growth.last)).groups;
};
const texts = (groups: readonly GrowthGroup[]): string[] =>
  groups.map(({ owner, objects }) => `${owner.text}: ${gain(objects)}`);
const STEADY = [50, 100, 150];

test('members of several classes under one owner are one group', async () => {
  const groups = await groupsOf(
    series(
      STEADY,
      (n) => `${SERVICE}
      scope -$log-> log:Array#32 -[]-> a*${n}:Info#40, b*${n}:Failure#90`,
    ),
  );
  expect(texts(groups)).toEqual(['log (module-level in app/server.js): 200']);
  expect(groups[0]!.sites).toHaveLength(2);
});

test('keys and values of a Map are not counted twice', async () => {
  const [group] = await groupsOf(
    series(
      STEADY,
      (n) => `${SERVICE}
      scope -$users-> users:Map#32 -#table-> table:array#${n * 24}
      table -#key-> k*${n}:string"id"#20
      table -#value-> u*${n}:User#100`,
    ),
  );
  expect(group!.objects).toEqual(STEADY);
  expect(gain(group!.bytes)).toBe(100 * 120);
});

test('owners of different names are different groups, the larger one first', async () => {
  const groups = await groupsOf(
    series(
      STEADY,
      (n) => `${SERVICE}
      scope -$small-> small:Array -[]-> a*${n}:A#10
      scope -$large-> large:Array -[]-> b*${n}:B#900`,
    ),
  );
  expect(texts(groups)).toEqual([
    'large (module-level in app/server.js): 100',
    'small (module-level in app/server.js): 100',
  ]);
});

test('holders of one kind are one group with many holders', async () => {
  const [group, ...others] = await groupsOf(
    series(
      [1, 2, 3],
      (n) => `${SERVICE}
      scope -$sockets-> sockets:Array -[]-> socket*40:Socket<app/socket.js:1:1> -.log-> log*:Array
      ${Array.from({ length: n }, (_, nth) => `log -[]-> e${nth}_*40:Entry#40`).join('\n')}`,
    ),
  );
  expect(others).toEqual([]);
  expect(group!.holders).toHaveLength(40);
  expect(gain(group!.objects)).toBe(80);
});

test('handlers of two files are two groups, those of two lines of one file are one', async () => {
  const bus = (n: number, second: string) => `${SERVICE}
    scope -$bus-> bus:EventEmitter -._events-> events:Object -.tick-> list:Array
    list -[]-> a*${n}:closure"a"#64<app/a.js:3:3>
    list -[]-> b*${n}:closure"b"#64<${second}>`;
  expect(await groupsOf(series(STEADY, (n) => bus(n, 'app/b.js:4:4')))).toHaveLength(2);
  expect(await groupsOf(series(STEADY, (n) => bus(n, 'app/a.js:9:9')))).toHaveLength(1);
});

test('a chain belongs to what holds its first link, and has one holder', async () => {
  const [group] = await groupsOf(
    series(
      STEADY,
      (n) => `${SERVICE}
      scope -$queue-> queue:Queue<app/queue.js:1:1> -.first-> head:Job#40
      ${chain('head', '-.next->', 'j', n, () => ':Job#40')}`,
    ),
  );
  expect(group).toMatchObject({ owner: { text: 'queue (module-level in app/server.js) → Queue.first' } });
  expect(gain(group!.objects)).toBe(100);
});

test('samples are the newest members, and others spread over the rest', async () => {
  const [group] = await groupsOf(
    series(
      [100, 500, 900],
      (n) => `${SERVICE}
      scope -$log-> log:Array#32 -[]-> a*${n}:Info#40`,
    ),
  );
  const { samples } = group!.sites[0]!;
  expect(samples).toHaveLength(48);
  expect(new Set(samples).size).toBe(48);
  // The array is drawn in order: its last member is the newest.
  expect(Math.max(...samples)).toBe(samples[0]);
  expect(samples[0]! - samples[47]!).toBeGreaterThan(700);
});

test('the owner that grew in its own size and the one that gained members are one', async () => {
  const groups = await groupsOf(
    series(
      STEADY,
      (n) => `${SERVICE}
      scope -$log-> log:Array#32 -#elements-> elements:array#${n * 1000}
      log -[]-> a*${n}:Info#40`,
    ),
  );
  expect(groups).toHaveLength(1);
  expect(gain(groups[0]!.bytes)).toBe(100 * 1000 + 100 * 40);
});
