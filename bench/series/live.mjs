// Real collectors: small services in Node, Python, Ruby and Go, healthy and leaking, watched ten times a second and judged as if a second
// were a minute. Every part of a healthy run that is called a leak is a false alarm of the kind that graphs of heaps invite.
// node bench/series/live.mjs [--seconds 90] [--runtimes node,python,ruby,go] [--parts 8]

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundled } from '../bundled.mjs';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '90' },
    runtimes: { type: 'string', default: 'node,python,ruby,go' },
    parts: { type: 'string', default: '8' },
    show: { type: 'boolean', default: false },
  },
});
const { confirm, seriesFrom } = await bundled('series');
const here = new URL('live/', import.meta.url).pathname;
const built = mkdtempSync(join(tmpdir(), 'stanch-live-'));
const COMMANDS = {
  node: () => [process.execPath, join(here, 'service.js')],
  python: () => ['python3', join(here, 'service.py')],
  ruby: () => ['ruby', join(here, 'service.rb')],
  go: () => {
    const program = join(built, 'service');
    spawnSync('go', ['build', '-o', program, join(here, 'service.go')], { stdio: 'inherit' });
    return [program];
  },
};
const HEAP_NAME = 'heap_used_bytes';
/** A second stands for a minute. */
const STRETCH = 60;

/** @returns {Promise<number[][]>} rows of time, heap, resident */
function watch([command, ...args], kind) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args, kind, options.seconds], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    child.on('error', reject);
    child.on('exit', () =>
      resolve(
        text
          .trim()
          .split('\n')
          .map((line) => line.split(' ').map(Number)),
      ),
    );
  });
}

const print = (...cells) => process.stdout.write(`${cells.join(' ')}\n`);
const counts = {};
try {
  for (const runtime of options.runtimes.split(',')) {
    const command = COMMANDS[runtime]();
    for (const kind of ['healthy', 'leak']) {
      const rows = await watch(command, kind);
      const parts = Number(options.parts);
      // The whole run, halves of it, and shorter parts: every stretch is judged by itself.
      const cuts = [
        [0, 1],
        ...Array.from({ length: parts }, (_, at) => [at / (parts + 1), (at + 2) / (parts + 1)]),
      ];
      for (const [column, name] of [
        [1, HEAP_NAME],
        [2, 'process_resident_memory_bytes'],
      ]) {
        for (const [from, to] of cuts) {
          const part = rows.slice(Math.floor(from * rows.length), Math.floor(to * rows.length));
          const memory = seriesFrom(
            { name, labels: {}, unit: 'bytes', kind: 'gauge', source: runtime },
            part.map(([time]) => (time - rows[0][0]) * STRETCH),
            part.map((row) => row[column]),
          );
          const { verdict, shape, reasons, missing } = confirm({ memory });
          const key = `${runtime} ${kind} ${column === 1 ? 'heap' : 'resident'}`;
          counts[key] ??= { leak: 0, 'no-leak': 0, inconclusive: 0 };
          counts[key][verdict]++;
          if (options.show)
            print(key, from.toFixed(2), to.toFixed(2), verdict, shape, reasons[0] ?? '', missing[0] ?? '');
        }
      }
    }
  }
} finally {
  rmSync(built, { recursive: true, force: true });
}
for (const [key, { leak, 'no-leak': none, inconclusive }] of Object.entries(counts))
  print(key.padEnd(28), `leak ${leak}, no leak ${none}, cannot tell ${inconclusive}`);
