import { expect, test } from 'vitest';
import { diagnoseGoroutines } from '../../go/diagnose-goroutines.ts';
import { type Drawn, drawCapture } from '../../go/testing/draw-goroutines.ts';

const std = '/usr/lib/go-1.26/src/net/http';
const idle = (count: number): Drawn => ({
  state: 'IO wait',
  count,
  firstId: 1000,
  frames: [
    'internal/poll.runtime_pollWait /usr/lib/go-1.26/src/runtime/netpoll.go:351',
    `net/http.(*persistConn).readLoop ${std}/transport.go:2200`,
  ],
  by: `net/http.(*Transport).dialConn ${std}/transport.go:1900`,
  creator: (n) => 90_000 + n,
});
const writers = (count: number): Drawn => ({
  ...idle(count),
  state: 'select',
  firstId: 20_000,
  frames: [`net/http.(*persistConn).writeLoop ${std}/transport.go:2600`],
});

async function diagnoseCounts(counts: readonly number[]): Promise<ReturnType<typeof diagnoseGoroutines>> {
  const captures = await Promise.all(
    counts.map((count, at) => drawCapture('ABCDE'[at]!, [idle(count), writers(count)])),
  );
  return diagnoseGoroutines(captures, {
    source: {
      root: '/checkout',
      files: new Map([
        [
          'get.go',
          'package app\n\nfunc get(url string) {\n\tc := &http.Client{Transport: &http.Transport{}}\n\tc.Get(url)\n}\n',
        ],
      ]),
      maps: new Map(),
    },
  });
}

test('leaks: connections that never stop becoming more, with the place that makes a transport', async () => {
  const { findings } = await diagnoseCounts([50, 100, 150, 200]);
  expect(findings).toMatchObject([{ pattern: 'connection-leak', location: { file: 'get.go', line: 4 } }]);
});

test('clean: a pool that is full', async () => {
  expect(await diagnoseCounts([100, 100, 100])).toMatchObject({ verdict: 'no-leak', findings: [] });
});

test('clean: a pool that fills is a suspicion at most', async () => {
  expect((await diagnoseCounts([10, 60, 100])).verdict).not.toBe('leak');
});
