import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { capturedOutput } from '../src/cli/captured-output.ts';
import { run } from '../src/cli/run.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
const root = mkdtempSync(join(tmpdir(), 'stanch-report-page-'));
const folder = join(root, 'leak');
const page = join(root, 'report.html');
/** Pictures of the page, for people: kept until the next run. */
const pictures = join(tmpdir(), 'stanch-report-pictures');
const HOSTILE =
  '</style><script>document.title="taken"</script><img src="http://192.0.2.1/x" onerror="document.title=1">';

// A service whose class is called by an attacker, who can name properties of a JSON document so.
const SERVICE = `
const { join } = require('node:path'); const { writeHeapSnapshot } = require('node:v8');
const name = ${JSON.stringify(HOSTILE)};
const { [name]: Session } = { [name]: class { constructor(user) { this.user = user; this.cart = Array.from({ length: 8 }, (_, item) => ({ item, user })); } } };
const store = { [name]: new Map() }; globalThis.store = store; let users = 0;
const serve = (count) => { for (let turn = 0; turn < count; turn++) store[name].set('user-' + users, new Session('user-' + users++)); };
serve(500);
for (const label of ['A', 'B', 'C']) { serve(1000); writeHeapSnapshot(join(process.argv[1], label + '.heapsnapshot')); }`;

async function stanch(...args: string[]): Promise<string> {
  const output = capturedOutput();
  await run(args, output);
  if (output.messages() !== '') throw new Error(output.messages());
  return output.results();
}

beforeAll(async () => {
  const dumps = join(root, 'dumps');
  mkdirSync(dumps);
  execFileSync(process.execPath, ['-e', SERVICE, dumps]);
  const start = Date.UTC(2024, 0, 21);
  const rows = Array.from({ length: 361 }, (_, at) => {
    const bytes = 200e6 + at * 1e6 + (at % 17) * 1.5e6 + ((at * 7919) % 13) * 2e5;
    return `${new Date(start + at * 60_000).toISOString()},${Math.round(bytes)},${at * 100}`;
  });
  writeFileSync(
    join(root, 'memory.csv'),
    `time,process_resident_memory_bytes,http_requests_total\n${rows.join('\n')}\n`,
  );
  await stanch('case', 'new', folder, '--title', `killed every night ${HOSTILE}`);
  await stanch(
    'case',
    'log',
    folder,
    `memory at 92 % ${HOSTILE}`,
    '--kind',
    'alert',
    '--at',
    '2024-01-21T04:10:00Z',
  );
  await stanch(
    'case',
    'log',
    folder,
    'workers restarted',
    '--kind',
    'action',
    '--at',
    '2024-01-21T05:00:00Z',
  );
  await stanch('case', 'add', folder, dumps, '--at', '2024-01-21T05:30:00Z');
  await stanch('confirm', join(root, 'memory.csv'), '--limit', '700MB', '--case', folder);
  await stanch('diagnose', folder);
  await stanch('report', folder, '-o', page);
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('the page is for its owner only, and so is every other form', async () => {
  for (const name of ['report.html', 'report.md', 'report.json']) {
    await stanch('report', folder, '-o', join(root, name));
    expect(statSync(join(root, name)).mode & 0o777).toBe(0o600);
  }
  expect(readFileSync(page, 'utf8')).toContain('&lt;script&gt;');
});

describe.skipIf(CHROMIUM === undefined)(
  `the page in a browser${CHROMIUM ? '' : ' (not tested: chromium)'}`,
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] });
      mkdirSync(pictures, { recursive: true, mode: 0o700 });
    }, 60_000);
    afterAll(() => browser?.close());

    async function opened(width: number, colorScheme: 'light' | 'dark' = 'light') {
      const tab = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      const requests: string[] = [];
      const said: string[] = [];
      tab.on('request', (request) => requests.push(request.url()));
      tab.on('console', (message) => said.push(message.text()));
      tab.on('pageerror', (error) => said.push(String(error)));
      await tab.goto(pathToFileURL(page).href);
      return { tab, requests, said };
    }

    test('asks the network for nothing, says nothing to the console, and runs no script', {
      timeout: 60_000,
    }, async () => {
      const { tab, requests, said } = await opened(1280);
      expect(requests).toEqual([pathToFileURL(page).href]);
      expect(said).toEqual([]);
      expect(await tab.title()).toContain('killed every night');
      expect(await tab.locator('script, img, iframe, object, [style]').count()).toBe(0);
      const blocked = await tab.evaluate(() => {
        const image = document.createElement('img');
        const seen = new Promise<string>((resolve) => {
          document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective));
        });
        image.src = 'http://192.0.2.1/x';
        document.body.append(image);
        return seen;
      });
      expect(blocked).toBe('img-src');
      await tab.close();
    });

    test('its style sheet is the one that the policy allows, and headings go down step by step', {
      timeout: 60_000,
    }, async () => {
      const { tab } = await opened(1280);
      expect(await tab.evaluate(() => getComputedStyle(document.querySelector('.lede')!).fontWeight)).toBe(
        '600',
      );
      const levels = await tab.$$eval('h1, h2, h3, h4', (all) =>
        all.map(({ tagName }) => Number(tagName[1])),
      );
      expect(levels[0]).toBe(1);
      expect(levels.filter((level) => level === 1)).toHaveLength(1);
      expect(levels.every((level, at) => at === 0 || level <= levels[at - 1]! + 1)).toBe(true);
      const names = await tab.locator('main > section').evaluateAll((all) => all.map((each) => each.id));
      expect(names).toEqual(
        expect.arrayContaining([
          'summary',
          'alert',
          'timeline',
          'memory',
          'growth',
          'causes',
          'missing',
          'evidence',
        ]),
      );
      await tab.close();
    });

    test('charts have a title and a description, tables have heads, and ids are there once', {
      timeout: 60_000,
    }, async () => {
      const { tab } = await opened(1280);
      const chart = tab.locator('svg.chart.wide').first();
      expect(await chart.locator('title').textContent()).toContain('over time');
      expect(await chart.locator('desc').textContent()).toContain('an hour');
      expect(await chart.locator('.mark').count()).toBe(3);
      expect(await chart.locator('.limit, .slope, .floor, path.samples').count()).toBeGreaterThanOrEqual(4);
      expect(await tab.locator('table:not(:has(thead th[scope=col]))').count()).toBe(0);
      const ids = await tab.locator('[id]').evaluateAll((all) => all.map((each) => each.id));
      expect(new Set(ids).size).toBe(ids.length);
      const broken = await tab.$$eval('[aria-labelledby], a[href^="#"]', (all) =>
        all.flatMap((each) => {
          const wanted = each.getAttribute('aria-labelledby')?.split(' ') ?? [
            each.getAttribute('href')!.slice(1),
          ];
          return wanted.filter((id) => document.getElementById(id) === null);
        }),
      );
      expect(broken).toEqual([]);
      await tab.close();
    });

    test.each([
      ['wide', 1280, 'light'],
      ['dark', 1280, 'dark'],
      ['narrow', 390, 'light'],
    ] as const)(
      'fits a %s page, and a picture of it is kept',
      { timeout: 60_000 },
      async (name, width, scheme) => {
        const { tab } = await opened(width, scheme);
        expect(await tab.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        expect(await tab.locator('svg.chart.wide').first().isVisible()).toBe(width > 640);
        expect(await tab.locator('svg.chart.narrow').first().isVisible()).toBe(width < 640);
        const picture = join(pictures, `report-${name}.png`);
        await tab.screenshot({ path: picture, fullPage: true });
        expect(statSync(picture).size).toBeGreaterThan(10_000);
        await tab.close();
      },
    );

    test('prints on white paper, whatever the screen has', { timeout: 60_000 }, async () => {
      const { tab } = await opened(1280, 'dark');
      await tab.emulateMedia({ media: 'print', colorScheme: 'dark' });
      const paper = await tab.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
      expect(paper).toBe('rgb(255, 255, 255)');
      expect(await tab.locator('nav').isVisible()).toBe(false);
      await tab.pdf({ path: join(pictures, 'report.pdf'), format: 'A4', printBackground: true });
      await tab.close();
    });
  },
);
