import { expect, test } from 'vitest';
import { SERVICE, series } from '../formats/v8-heapsnapshot/draw-process.ts';
import { signatureOf } from './signature.ts';
import { diagnoseDrawn } from './testing/diagnose-drawn.ts';

interface Variant {
  sizes?: number[];
  /** Folder of the installation. */
  folder?: string;
  event?: string;
  line?: number;
  /** Text in front of the drawing, which moves all node indexes and ids. */
  before?: string;
}

async function signatureOfBug(variant: Variant = {}): Promise<string> {
  const {
    sizes = [50, 100, 150],
    folder = '/srv/app/',
    event = 'heartbeat',
    line = 19,
    before = '',
  } = variant;
  const { findings } = await diagnoseDrawn(
    series(
      sizes,
      (n) => `
      ${before}
      root -!1-> global:global
      global -.serve-> serve:closure"serve"#64<${folder}server.js:10:3> -#context-> scope:context
      scope -$bus-> bus:EventEmitter#64 -._events-> events -.${event}-> list:Array#32
      list -[]-> h*${n}:closure"beat"#64<${folder}presence.js:${line}:30> -#context-> c*:context#400`,
    ),
  );
  expect(findings).toHaveLength(1);
  return findings[0]!.signature;
}

test('a signature is sixteen hexadecimal digits', async () => {
  expect(await signatureOfBug()).toMatch(/^[0-9a-f]{16}$/);
});

test('the parts and their order make the signature, not where one ends', () => {
  const all = [['a', 'b'], ['b', 'a'], ['ab'], ['a', 'b', ''], []].map((parts) => signatureOf(parts));
  expect(new Set(all).size).toBe(all.length);
  expect(signatureOf(['a', 'b'])).toBe(signatureOf(['a', 'b']));
});

test.each([
  { name: 'how far the leak has got', variant: { sizes: [10, 700, 1400, 2100] } },
  { name: 'ids and node indexes', variant: { before: 'root -.other-> x*90:Other -.y-> y*' } },
  {
    name: 'the folder in which the host has the service',
    variant: { folder: '/home/deploy/releases/20260101/' },
  },
  { name: 'the line, which moves with each release', variant: { line: 23 } },
])('the same bug has the same signature whatever $name', async ({ variant }) => {
  expect(await signatureOfBug(variant)).toBe(await signatureOfBug());
});

test('another event is another bug', async () => {
  expect(await signatureOfBug({ event: 'move' })).not.toBe(await signatureOfBug());
});

test('of two events that are one cause it does not matter which gained more', async () => {
  const of = async (moveBytes: number) => {
    const { findings } = await diagnoseDrawn(
      series(
        [50, 100, 150],
        (n) => `
        ${SERVICE}
        scope -$bus-> bus:EventEmitter -._events-> events -.move-> moveList:Array -[]-> m*${n}:closure"onMove"#${moveBytes}<app/c.js:8:20> -#context-> c*:context
        events -.select-> selectList:Array -[]-> s*${n}:closure"onSelect"#64<app/c.js:9:22> -#context-> c`,
      ),
    );
    expect(findings).toHaveLength(1);
    return findings[0]!.signature;
  };
  expect(await of(56)).toBe(await of(72));
});

test('handlers of two files on one event are two bugs, also when they have no names', async () => {
  const { findings } = await diagnoseDrawn(
    series(
      [50, 100, 150],
      (n) => `
      ${SERVICE}
      scope -$bus-> bus:EventEmitter -._events-> events -.close-> list:Array
      list -[]-> a*${n}:closure""#64<app/a.js:5:20>
      list -[]-> b*${n}:closure""#64<app/b.js:7:20>`,
    ),
  );
  expect(new Set(findings.map(({ signature }) => signature)).size).toBe(2);
});

test('neither the way into a module nor its path on the host are part of it', async () => {
  const of = async (way: string) => {
    const { findings } = await diagnoseDrawn(
      series(
        [50, 100, 150],
        (n) => `
        root -!1-> global:global -.loader-> loader:Loader
        loader ${way} serve:closure"serve"<app/server.js:10:3> -#context-> scope:context
        scope -$log-> log:Log<app/log.js:1:1> -.lines-> lines:Array -[]-> l*${n}:Line#200<app/log.js:5:1>`,
      ),
    );
    return findings[0]!.signature;
  };
  const signatures = await Promise.all([
    of('-._cache-> cache:Object -."/srv/app/server.js"-> m:Module -.exports-> e:Object -.serve->'),
    of('-._cache-> cache:Object -."C:\\\\app\\\\server.js"-> m:Module -.exports-> e:Object -.serve->'),
    of('-.loadCache-> cache:LoadCache -.javascript-> job:ModuleJob -.module-> m:ModuleWrap -.serve->'),
  ]);
  expect(new Set(signatures).size).toBe(1);
});

test('keys that are data do not make a new bug of each', async () => {
  const of = async (key: string) => {
    const { findings } = await diagnoseDrawn(
      series(
        [50, 100, 150],
        (n) => `
        root -!1-> global:global
        global -.serve-> serve:closure"serve"#64<app/server.js:10:3> -#context-> scope:context
        scope -$tenants-> tenants:Tenants#64<app/tenants.js:1:1> -.${key}-> list:Array#32 -[]-> v*${n}:Visit#100`,
      ),
    );
    return findings[0]!.signature;
  };
  expect(await of('tenant17')).toBe(await of('tenant18'));
  expect(await of('visits')).not.toBe(await of('orders'));
});
