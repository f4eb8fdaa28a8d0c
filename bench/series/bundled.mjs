import { mkdirSync } from 'node:fs';
import { build } from 'tsdown';

/** Node 20 runs no TypeScript: the parts that are measured are bundled first. */
export async function bundled() {
  const out = new URL('../../.bench/series/', import.meta.url).pathname;
  mkdirSync(out, { recursive: true });
  await build({
    entry: { score: new URL('entry.ts', import.meta.url).pathname },
    outDir: out,
    format: 'esm',
    dts: false,
    clean: false,
    logLevel: 'error',
    config: false,
    fixedExtension: true,
  });
  return import(`${out}score.mjs`);
}
