import { mkdirSync } from 'node:fs';
import { build } from 'tsdown';

/** Node 20 runs no TypeScript: what is proven is bundled first. */
export async function bundled() {
  const out = new URL('../../.bench/verify/', import.meta.url).pathname;
  mkdirSync(out, { recursive: true });
  await build({
    entry: { verify: new URL('entry.ts', import.meta.url).pathname },
    outDir: out,
    format: 'esm',
    dts: false,
    clean: false,
    logLevel: 'error',
    config: false,
    fixedExtension: true,
  });
  return import(`${out}verify.mjs`);
}
