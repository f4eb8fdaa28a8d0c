import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { diagnoseGoroutines } from '../../go/diagnose-goroutines.ts';
import { capturedBy, serviceSource } from '../../go/testing/captured.ts';
import { type Drawn, drawCapture } from '../../go/testing/draw-goroutines.ts';

const FIXTURES = new URL('../../../../fixtures/go-goroutines/', import.meta.url);
const read = (path: string): Uint8Array => {
  const bytes = readFileSync(new URL(path, FIXTURES));
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
};
const captured = (name: string, labels: string = 'ABC') => capturedBy(read, name, labels);

const std = '/usr/lib/go-1.26/src/net/http';
const half = (name: string, state: string, line: number, count: number, firstId: number): Drawn => ({
  state,
  count,
  firstId,
  frames: [`net/http.(*persistConn).${name} ${std}/transport.go:${line}`],
  by: `net/http.(*Transport).dialConn ${std}/transport.go:1900`,
  creator: (n) => 90_000 + n,
});
const handlers = (count: number): Drawn => ({
  state: 'sleep',
  count,
  firstId: 40_000,
  frames: ['app.proxy /srv/app/proxy.go:30', `net/http.(*conn).serve ${std}/server.go:2100`],
  by: `net/http.(*Server).Serve ${std}/server.go:3400`,
  creator: () => 1,
});

async function verdictOf(counts: readonly number[], readers: (count: number) => number): Promise<string[]> {
  const captures = await Promise.all(
    counts.map((count, at) =>
      drawCapture('ABC'[at]!, [
        half('readLoop', 'select', 2400, count, 1000),
        half('writeLoop', 'select', 2600, count, 20_000),
        handlers(readers(count)),
      ]),
    ),
  );
  const { verdict, findings } = diagnoseGoroutines(captures);
  return [verdict, ...findings.map(({ pattern }) => pattern)];
}

test('leaks: bodies that nobody is there to read', async () => {
  expect(await verdictOf([40, 80, 120], () => 1)).toEqual(['leak', 'response-body-not-closed']);
});

test('leaks: a real service, with the request named from its source', async () => {
  const diagnosis = diagnoseGoroutines(await captured('body-not-closed'), { source: serviceSource(read) });
  expect(diagnosis.findings).toMatchObject([
    { pattern: 'response-body-not-closed', location: { file: 'leaks.go', line: 94, role: 'adds' } },
  ]);
});

test('clean: as many handlers as open bodies', async () => {
  expect((await verdictOf([40, 80, 120], (count) => count))[0]).not.toBe('leak');
});

test('clean: a real proxy that reads slowly', async () => {
  expect(diagnoseGoroutines(await captured('slow-proxy', 'AB')).verdict).not.toBe('leak');
});

test('a body that is closed behind an early way out is named, with the line that leaves', async () => {
  const code = `package app

func (g *Geo) lookup(ip string) (string, error) {
	resp, err := g.client.Get(g.base + ip)
	if err != nil {
		return "", err
	}
	if resp.StatusCode != http.StatusOK {
		return "", errors.New(resp.Status)
	}
	defer resp.Body.Close()
	return read(resp.Body)
}

func (g *Geo) fine(ip string) (string, error) {
	resp, err := g.client.Get(g.base + ip)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", errors.New(resp.Status)
	}
	return read(resp.Body)
}
`;
  const captures = await Promise.all(
    [40, 80, 120].map((count, at) =>
      drawCapture('ABC'[at]!, [half('readLoop', 'select', 2400, count, 1000), handlers(1)]),
    ),
  );
  const source = { root: '/src', files: new Map([['geo.go', code]]), maps: new Map() };
  const { findings } = diagnoseGoroutines(captures, { source });
  expect(findings[0]).toMatchObject({
    pattern: 'response-body-not-closed',
    location: { file: 'geo.go', line: 4, role: 'adds' },
  });
  expect(findings[0]?.alsoSee).toContainEqual({ file: 'geo.go', line: 9, role: 'should-remove' });
  expect(findings[0]?.alsoSee.map(({ line }) => line)).not.toContain(16);
});
