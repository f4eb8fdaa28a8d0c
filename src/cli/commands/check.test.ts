import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { StanchError } from '../../base/errors.ts';
import { capturedOutput } from '../captured-output.ts';
import type { Output } from '../output.ts';
import { run } from '../run.ts';
import { checkCommand } from './check.ts';

const folder: string = mkdtempSync(join(tmpdir(), 'stanch-check-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const HOURS = Array.from({ length: 49 }, (_, at) => at / 2);
const CSV = `time,container_memory_working_set_bytes,jobs_total\n${HOURS.map((hour) => `${new Date(1.7e12 + hour * 3.6e6).toISOString()},${Math.round(1e9 + hour * 1e8)},${Math.round(hour * 60)}`).join('\n')}\n`;
const CLAIM = file('claim.md', '# Leak\n\nMemory grows by ~50MB per hour. The memory limit is 4GB.\n');
const RIGHT = file('right.md', '# Leak\n\nMemory grows by ~100MB per hour.\n');
const WRONG_SUM = file('sum.md', '# Leak\n\n## Counts\n\nThese are 12 + 30 = 45 sessions.\n');

async function check(args: string[], changes: Partial<Output> = {}) {
  const output = capturedOutput(changes);
  const context = { output, run, exitCode: 0 };
  await checkCommand(context).parseAsync(args, { from: 'user' });
  return { exitCode: context.exitCode, out: output.results(), err: output.messages() };
}

describe('stanch check', () => {
  test('says cannot tell when there is nothing to hold a claim against', async () => {
    const { exitCode, out } = await check([CLAIM]);
    expect(exitCode).toBe(5);
    expect(out).toContain('0 contradicted');
  });

  test('holds a text against a series, packed or not', async () => {
    const csv = file('memory.csv', CSV);
    const packed = file('memory.csv.gz', gzipSync(CSV));
    for (const evidence of [csv, packed]) {
      const { exitCode, out } = await check([CLAIM, evidence]);
      expect(exitCode).toBe(1);
      expect(out).toContain('It grew 2 times as fast');
    }
    expect((await check([RIGHT, csv])).exitCode).toBe(0);
  });

  test('takes a log as evidence', async () => {
    const log = file(
      'app.log',
      [0, 30, 60]
        .map(
          (minute) =>
            `2024-01-22T06:${String(minute % 60).padStart(2, '0')}:00Z INFO rss memory: ${300 + minute} MB`,
        )
        .slice(0, 2)
        .concat('2024-01-22T07:00:00Z INFO rss memory: 360 MB')
        .join('\n'),
    );
    const { out, exitCode } = await check([
      file('log-claim.md', '# x\n\nMemory grows by 10 MB per hour.\n'),
      log,
    ]);
    expect(exitCode).toBe(1);
    expect(out).toContain('6 times as fast');
  });

  test('gives one JSON document for one text or many', async () => {
    const { exitCode, out } = await check([WRONG_SUM, RIGHT, '--json']);
    const document = JSON.parse(out);
    expect(exitCode).toBe(1);
    expect(document).toMatchObject({
      schema: 'stanch/check@1',
      verdict: 'contradicted',
      counts: { contradicted: 1 },
      texts: [
        { file: WRONG_SUM, verdict: 'contradicted' },
        { file: RIGHT, verdict: 'cannot-tell' },
      ],
    });
    expect(document.claims[0]).toMatchObject({
      file: WRONG_SUM,
      line: 5,
      verdict: 'contradicted',
      check: 'own-arithmetic',
      because: 'It is 42.',
    });
  });

  test('reads standard input, and shows arithmetic within the width', async () => {
    const stdin = (async function* () {
      yield new TextEncoder().encode(
        '# Leak\n\n```\n10:00 100MB\n11:00 200MB\n12:00 300MB\n```\n\nMemory grows by 400 MB per hour.\n',
      );
    })();
    const { out } = await check(['-'], { stdin, width: 80 });
    expect(out).toContain('stated: 400 MB in 60 min');
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('names evidence that it cannot use and goes on', async () => {
    const { exitCode, out } = await check([
      WRONG_SUM,
      file('x.bin', new Uint8Array([0, 1, 2, 3])),
      join(folder, 'absent.csv'),
    ]);
    expect(exitCode).toBe(1);
    expect(out).toContain('x.bin left out');
    expect(out).toContain('absent.csv left out');
  });

  test('a text that cannot be read ends with code 3', async () => {
    for (const path of [join(folder, 'absent.md'), file('binary.md', new Uint8Array([35, 0, 1]))]) {
      await expect(check([path])).rejects.toSatisfy(
        (error) => error instanceof StanchError && error.exitCode === 3,
      );
    }
  });

  test('reads UTF-16 with its mark and Windows-1252, with the line numbers of the file', async () => {
    const text = '# Leck \u2013 \u00fcber Nacht\r\n\r\nThese are 12 + 30 = 45 sessions.\r\n';
    const little = new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'));
    const big = new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le').swap16());
    // The dash of Windows-1252 is no UTF-8.
    const western = Uint8Array.from(text, (each) => (each === '\u2013' ? 0x96 : each.charCodeAt(0)));
    for (const [name, bytes] of Object.entries({ little, big, western })) {
      const { exitCode, out } = await check([file(`${name}.md`, bytes), '--json']);
      expect(exitCode, name).toBe(1);
      const { texts, claims } = JSON.parse(out);
      expect(texts[0].title, name).toBe('Leck \u2013 \u00fcber Nacht');
      expect(claims[0], name).toMatchObject({ line: 3, because: 'It is 42.' });
    }
  });
});
