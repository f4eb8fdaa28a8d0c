import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Argument, type Command } from '@commander-js/extra-typings';
import { EXIT } from '../../base/errors.ts';
import type { Diagnosis } from '../../model/finding.ts';
import type { Context } from '../context.ts';
import { interruptible } from '../demo/interrupt.ts';
import { type Lab, loadLab } from '../demo/lab.ts';
import { type Build, measureBuild } from '../demo/measure-build.ts';
import { readingLines } from '../demo/source-line.ts';
import { newCommand, wholeNumber } from '../new-command.ts';
import type { Output } from '../output.ts';
import { Progress } from '../progress.ts';
import { type DemoBuild, type DemoDocument, demoLines } from '../render/demo.ts';
import { jsonText } from '../render/json.ts';
import { paint } from '../render/text.ts';

const CLIENTS = 20;
const JOINS_PER_ROUND = 400;
const LABS = ['collabcanvas'] as const;
const EXPECTED: Readonly<Record<Build, string>> = { leaking: 'leak', fixed: 'no-leak' };

/** `stanch demo`: a real service leaks, and `stanch diagnose` finds out why. */
export function demoCommand(context: Context): Command {
  const { output } = context;
  const command = newCommand('demo', context, [
    [
      'stanch demo',
      'starts the collaboration server, makes it leak, finds the lines; then the repaired build',
    ],
    ['stanch demo --keep', 'keeps the heap snapshots, to look at them with the other commands'],
  ])
    .description('make a real service leak, and find the leak')
    .addArgument(new Argument('[lab]', 'which service').choices(LABS).default('collabcanvas' as const))
    .option('--ops <n>', `boards joined in each round (${JOINS_PER_ROUND})`, wholeNumber)
    .option('--keep', 'keep the heap snapshots')
    .option('--json', 'one JSON document on standard output')
    .action(async (name, { ops = JOINS_PER_ROUND, keep, json }) => {
      const lab = await loadLab(name);
      const started = performance.now();
      const progress = new Progress(output);
      const document = await interruptible(async (signal): Promise<DemoDocument> => {
        const folder = await mkdtemp(join(tmpdir(), 'stanch-demo-'));
        try {
          const builds: DemoBuild[] = [];
          for (const build of ['leaking', 'fixed'] as const) {
            const measured = await measureBuild({
              lab,
              build,
              folder,
              clients: CLIENTS,
              joinsPerRound: ops,
              signal,
              say: (text) => progress.say(text),
              onProgress: progress.report,
            });
            progress.say(`${build} build: stanch diagnose`);
            builds.push(await diagnosed(context, lab, measured));
            signal.throwIfAborted();
          }
          const kept = keep ? folder : null;
          return {
            schema: 'stanch/demo@1',
            lab: name,
            kept,
            clients: CLIENTS,
            builds,
            elapsedMs: performance.now() - started,
          };
        } finally {
          if (!keep) await rm(folder, { recursive: true, force: true });
        }
      }).finally(() => progress.end());
      const asExpected = document.builds.every(
        ({ build, diagnosis }) => diagnosis.verdict === EXPECTED[build],
      );
      const lines = () => demoLines(document, readingLines(lab.folder), output.width);
      output.result(json ? jsonText(document) : paint(lines(), output.colours));
      context.exitCode = asExpected ? EXIT.clean : EXIT.leak;
    });
  return command as unknown as Command;
}

/** Asks the public command, and computes from nothing but its answer and the driver's own count. */
async function diagnosed(
  context: Context,
  lab: Lab,
  { build, files, joins }: { build: Build; files: readonly string[]; joins: number },
): Promise<DemoBuild> {
  const args = ['diagnose', ...files, '--source', lab.folder, '--operations', String(joins)];
  let json = '';
  const captured: Output = {
    ...context.output,
    result: (text) => {
      json += text;
    },
    showsProgress: false,
  };
  await context.run([...args, '--json'], captured);
  const diagnosis = JSON.parse(json) as Diagnosis;
  const listeners = diagnosis.findings
    .filter(({ pattern }) => pattern === 'listener-leak')
    .reduce((sum, { growth }) => sum + growth.objects, 0);
  return { build, joins, listenersPerJoin: listeners / joins, command: ['stanch', ...args], diagnosis };
}
