import { expect, test } from 'vitest';
import { series } from '../formats/v8-heapsnapshot/draw-process.ts';
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
