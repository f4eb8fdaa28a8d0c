import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  canIsolate,
  type IsolatedService,
  isolatedService,
} from '../../sources/containers/testing/isolated-service.ts';
import { keepAwake } from './wake.ts';

const root = mkdtempSync(join(tmpdir(), 'stanch-wake-'));
let service: IsolatedService | null = null;
afterAll(() => {
  service?.child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

test.skipIf(!canIsolate)('a service that waits in a network of its own is woken', async () => {
  const woken = join(root, 'woken');
  const program = `require('net').createServer((s)=>{s.destroy();require('fs').writeFileSync(${JSON.stringify(woken)},'')}).listen(8080,()=>console.log('ready'))`;
  service = await isolatedService([process.execPath, '-e', program]);
  const letSleep = keepAwake(service.hostPid);
  try {
    await expect.poll(() => existsSync(woken), { timeout: 15_000 }).toBe(true);
  } finally {
    letSleep();
  }
});
