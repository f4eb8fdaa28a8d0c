import { mkdirSync } from 'node:fs';
import { build } from 'tsdown';

/**
 * The parts that are measured, as an `entry.ts` gives them: Node 20 runs no TypeScript, so they are bundled first, below .bench/.
 *
 * @param {string} folder of bench/, with the entry in it
 */
export async function bundled(folder) {
  const out = new URL(`../.bench/${folder}/`, import.meta.url).pathname;
  mkdirSync(out, { recursive: true });
  await build({
    entry: { parts: new URL(`${folder}/entry.ts`, import.meta.url).pathname },
    outDir: out,
    format: 'esm',
    dts: false,
    clean: false,
    logLevel: 'error',
    config: false,
    fixedExtension: true,
  });
  return import(`${out}parts.mjs`);
}
