import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { SnapshotFile } from './snapshot-file.ts';

const root = mkdtempSync(join(tmpdir(), 'stanch-snapshot-file-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const LINES = Array.from({ length: 40_000 }, (_, at) => `{"at": ${at * 7919}, "text": "räume"}\n`);

test.each(['A.heapsnapshot', 'A.heapsnapshot.gz'])(
  '%s holds what was added, hashed as it is stored',
  async (name) => {
    const path = join(root, name);
    const file = await SnapshotFile.create(path);
    let bytes = 0;
    for (const line of LINES) {
      bytes += Buffer.byteLength(line);
      if (file.add(line)) await file.flush();
    }
    expect(existsSync(path)).toBe(false);
    const sha256 = await file.finish();
    const stored = readFileSync(path);
    expect(sha256).toBe(createHash('sha256').update(stored).digest('hex'));
    expect(file).toMatchObject({ bytes, storedBytes: stored.length });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect((name.endsWith('.gz') ? gunzipSync(stored) : stored).toString('utf8')).toBe(LINES.join(''));
  },
);

test.each(['B.heapsnapshot', 'B.heapsnapshot.gz'])('%s that is discarded leaves nothing', async (name) => {
  const folder = mkdtempSync(join(root, 'discarded-'));
  const file = await SnapshotFile.create(join(folder, name));
  file.add('x'.repeat(5 << 20));
  await file.flush();
  await file.discard();
  expect(readdirSync(folder)).toEqual([]);
});

test.runIf(existsSync('/dev/full'))(
  'a disk that is full is told to whoever waits, packed or not',
  async () => {
    for (const ending of ['', '.gz']) {
      const file = await SnapshotFile.create(join(root, `C${ending}`));
      // The handle is pointed at a device that never has room.
      const { open } = await import('node:fs/promises');
      Object.assign(file, { handle: await open('/dev/full', 'w') });
      await expect(
        (async () => {
          for (let at = 0; at < 400; at++) {
            file.add(createHash('sha512').update(String(at)).digest('hex').repeat(500));
            await file.flush();
          }
          await file.finish();
        })(),
      ).rejects.toMatchObject({ code: 'ENOSPC' });
      await file.discard();
    }
  },
);
