import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Argument, type Command } from '@commander-js/extra-typings';
import { EXIT } from '../../base/errors.ts';
import type { Diagnosis } from '../../model/finding.ts';
import type { Context } from '../context.ts';
import { interruptible } from '../demo/interrupt.ts';
import { type Build, type DemoLab, labFolder, type Measured } from '../demo/lab.ts';
import { cloudvault } from '../demo/labs/cloudvault.ts';
import { collabcanvas } from '../demo/labs/collabcanvas.ts';
import { lafactoria } from '../demo/labs/lafactoria.ts';
import { taskforge } from '../demo/labs/taskforge.ts';
import { readingLines } from '../demo/source-line.ts';
import { newCommand, wholeNumber } from '../new-command.ts';
import type { Output } from '../output.ts';
import { Progress } from '../progress.ts';
import { type DemoBuild, type DemoDocument, demoLines } from '../render/demo.ts';
import { jsonText } from '../render/json.ts';
import { paint } from '../render/text.ts';

const LABS: readonly DemoLab[] = [collabcanvas, taskforge, cloudvault, lafactoria];
const EXPECTED: Readonly<Record<Build, string>> = { leaking: 'leak', fixed: 'no-leak' };

/** `stanch demo`: a real service leaks, and `stanch diagnose` finds out why. */
export function demoCommand(context: Context): Command {
  const { output } = context;
  const command = newCommand('demo', context, [
    [
      'stanch demo',
      'starts the collaboration server, makes it leak, finds the lines; then the repaired build',
    ],
    ['stanch demo taskforge', 'the same with a Rails service on Puma'],
    ['stanch demo --keep', 'keeps the evidence, to look at it with the other commands'],
  ])
    .description('make a real service leak, and find the leak')
    .addArgument(
      new Argument('[lab]', 'which service').choices(LABS.map(({ name }) => name)).default(LABS[0]!.name),
    )
    .option('--ops <n>', 'operations in each round (400)', wholeNumber)
    .option('--keep', 'keep the evidence')
    .option('--json', 'one JSON document on standard output')
    .action(async (name, { ops, keep, json }) => {
      const lab = LABS.find((each) => each.name === name)!;
      const source = labFolder(name);
      await lab.check(source);
      const started = performance.now();
      const progress = new Progress(output);
      const document = await interruptible(async (signal): Promise<DemoDocument> => {
        const folder = await mkdtemp(join(tmpdir(), 'stanch-demo-'));
        try {
          const builds: DemoBuild[] = [];
          for (const build of ['leaking', 'fixed'] as const) {
            const measured = await lab.measure({
              lab: source,
              build,
              folder,
              ops: ops ?? lab.opsInRound,
              signal,
              say: (text) => progress.say(text),
              onProgress: progress.report,
            });
            progress.say(`${build} build: stanch diagnose`);
            builds.push(await diagnosed(context, { lab, source, build, measured }));
            signal.throwIfAborted();
          }
          const kept = keep ? folder : null;
          return {
            schema: 'stanch/demo@1',
            lab: name,
            kept,
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
      const lines = () => demoLines(document, readingLines(source), output.width);
      output.result(json ? jsonText(document) : paint(lines(), output.colours));
      context.exitCode = asExpected ? EXIT.clean : EXIT.leak;
    });
  return command as unknown as Command;
}

/** Asks the public command, and computes from nothing but its answer and the driver's own count. */
async function diagnosed(
  context: Context,
  run: { lab: DemoLab; source: string; build: Build; measured: Measured },
): Promise<DemoBuild> {
  const { lab, source, build, measured } = run;
  const { files, operations, did } = measured;
  const args = ['diagnose', ...files, '--source', source, '--operations', String(operations)];
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
  const facts = lab.facts(measured, diagnosis);
  return {
    build,
    operation: lab.operation,
    operations,
    did,
    ...facts.json,
    facts: facts.shown,
    command: ['stanch', ...args],
    diagnosis,
  };
}
