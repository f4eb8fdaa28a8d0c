import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { RunResult } from '../run-result.ts';
import { runScenario } from '../run-scenario.ts';
import { findChromium } from './find-chromium.ts';

const TABS = 50;
const MINUTES = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'stanch-browser-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const chromium = ((): string | null => {
  try {
    return findChromium();
  } catch {
    return null;
  }
})();
const withChromium = test.skipIf(chromium === null);
const why = chromium === null ? ' (NOT TESTED: no Chromium on this machine)' : '';

/** A board that is opened and closed again; the leaking page keeps each board and a listener over it. */
const page = (leaks: boolean): string => `<!doctype html><title>board</title><body><script>
const closed = [];
function visitBoard(number) {
  const board = document.createElement('section');
  for (let at = 0; at < 20; at++) board.append(document.createElement('p'));
  document.body.append(board);
  const onResize = () => board.dataset.number = number;
  window.addEventListener('resize', onResize);
  board.remove();
  ${leaks ? 'closed.push(board);' : "window.removeEventListener('resize', onResize);"}
}
</script></body>`;

async function run(leaks: boolean, tabs: number, ops: number): Promise<RunResult> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(page(leaks));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const evidence = mkdtempSync(join(folder, 'evidence-'));
  try {
    return await runScenario(
      {
        name: 'board',
        async browser(tab, index) {
          if (tab.url() !== address) await tab.goto(address);
          await tab.evaluate(`visitBoard(${index})`);
        },
      },
      {
        name: 'boards',
        ops,
        rounds: 3,
        warmUp: 1,
        captures: 4,
        concurrency: tabs,
        folder: evidence,
        signal: new AbortController().signal,
      },
    );
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

withChromium(
  `50 tabs that keep what they took out of the page: nodes and listeners for each board${why}`,
  { timeout: 6 * MINUTES },
  async () => {
    const result = await run(true, TABS, 8 * TABS);
    expect(result.target).toMatch(/^50 tabs of Chromium \d+/);
    expect(result.operations).toBe(24 * TABS);
    const metric = (name: string) => result.metrics.find(({ what }) => what === name)!;
    // A section and its 20 paragraphs, and one listener.
    for (const [name, planted] of [
      ['dom_nodes', 21],
      ['event_listeners', 1],
    ] as const) {
      expect(metric(name).low).toBeLessThanOrEqual(planted);
      expect(metric(name).high).toBeGreaterThanOrEqual(planted);
      expect(metric(name).exactly).toBe(planted);
    }
    expect(result.verdict).toBe('leak');
    expect(result.files.map((file) => existsSync(file))).toEqual([true, true, true, true]);
    expect(result.causes[0]).toMatchObject({ per: 'board in the tab that was looked into', exactly: 1 });
    expect(result.diagnosis?.findings[0]?.pattern).toBe('detached-dom');
  },
);

withChromium(`pages that let go are no leak${why}`, { timeout: 3 * MINUTES }, async () => {
  const result = await run(false, 2, 60);
  expect(result.metrics.find(({ what }) => what === 'dom_nodes')!.exactly).toBeNull();
  expect(result.verdict).not.toBe('leak');
});

test('a browser that is not there is told, with what to do', () => {
  const told = join(folder, 'no-chromium');
  expect(() => findChromium(told)).toThrow(/there is no such browser/);
  writeFileSync(told, '');
  expect(findChromium(told)).toBe(told);
});
