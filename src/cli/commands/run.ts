import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { EXIT, UsageError } from '../../base/errors.ts';
import { addEvidence } from '../../casework/add-evidence.ts';
import { keepResult } from '../../casework/results.ts';
import type { Verdict } from '../../model/finding.ts';
import { parseSizeBytes } from '../../model/series-unit.ts';
import { bisect } from '../../scenario/bisect/bisect.ts';
import { httpScenario, looksLikeRecipe, parseRecipe } from '../../scenario/http-recipe.ts';
import { loadScenario } from '../../scenario/load-scenario.ts';
import type { RunResult } from '../../scenario/run-result.ts';
import { type RunOptions, runScenario } from '../../scenario/run-scenario.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { startCommand } from '../../scenario/services/start-command.ts';
import { shellScenario } from '../../scenario/shell-operation.ts';
import type { Context } from '../context.ts';
import { interruptible } from '../demo/interrupt.ts';
import { finishingLeftOpen } from '../left-open.ts';
import { newCommand, wholeNumber } from '../new-command.ts';
import { Progress } from '../progress.ts';
import { jsonText } from '../render/json.ts';
import { bisectLines, runLines } from '../render/run.ts';
import { paint } from '../render/text.ts';

const EXIT_OF_VERDICT: Readonly<Record<Verdict, number>> = {
  leak: EXIT.leak,
  'no-leak': EXIT.clean,
  inconclusive: EXIT.notEnough,
};

export interface RunFlags {
  readonly http?: string | undefined;
  readonly command?: string | undefined;
  readonly url?: string | undefined;
  readonly header?: readonly string[] | undefined;
  readonly target?: string | undefined;
  readonly start?: string | undefined;
  readonly ops?: number | undefined;
  readonly rounds?: number | undefined;
  readonly warmUp?: number | undefined;
  readonly concurrency?: number | undefined;
  readonly captures?: number | undefined;
  readonly source?: string | undefined;
  readonly chromium?: string | undefined;
  readonly output?: string | undefined;
  readonly case?: string | undefined;
  readonly bisect?: string | undefined;
  readonly repo?: string | undefined;
  readonly build?: string | undefined;
  readonly threshold?: string | undefined;
  readonly json?: true | undefined;
}

/** `stanch run`: drives a scenario again and again, and says what each operation leaves behind. */
export function runCommand(context: Context): Command {
  const command = newCommand('run', context, [
    ['stanch run scenario.js', 'a module that exports operation(index), and start() or target'],
    [
      "stanch run 'GET http://127.0.0.1:3000/search?q={i} × 1000' --concurrency 8",
      'a request; the process that listens there is measured',
    ],
    ['stanch run --command "./client --user {i}" --target 4711', 'a command of the shell for each operation'],
    [
      "stanch run 'GET http://127.0.0.1:3000/' --start 'node server.js' --bisect v1.4..HEAD --repo .",
      'names the commit that brought the leak',
    ],
  ])
    .description('drive a scenario again and again, and say what each operation leaves behind')
    .argument('[scenario]', 'a JS or TS module, or a request as GET http://… × N')
    .option('--http <request>', 'the request, instead of a scenario; {i} is the number of the operation')
    .option('--command <command>', 'a command of the shell for each operation, instead of a scenario')
    .option(
      '--url <address>',
      'in front of a request that is only a path, and what tells that the service is ready',
    )
    .option('--header <name:value...>', 'sent with each request')
    .option('--target <what>', 'whose memory: a pid, an address, or a command that starts the service')
    .option('--start <command>', 'starts the service; it is ended afterwards')
    .option('--ops <n>', 'operations in each round (100)', wholeNumber)
    .option('--rounds <n>', 'rounds that count (6)', wholeNumber)
    .option('--warm-up <n>', 'rounds before them that do not (2)', count)
    .option('--concurrency <n>', 'operations at the same time, or tabs (1)', wholeNumber)
    .option('--captures <n>', 'how often full evidence is taken; 0 counts only (4)', count)
    .option('--source <dir>', "the service's checkout: findings carry file and line in it")
    .option('--chromium <path>', 'the browser for browser scenarios')
    .option('--bisect <good..bad>', 'find the commit between these two that brought the leak')
    .option('--repo <dir>', 'the repository for --bisect (.)')
    .option('--build <command>', 'what is run in each checkout of --bisect before --start')
    .option('--threshold <size>', 'growth for each operation that --bisect takes for the leak')
    .option('-o, --output <folder>', 'keep the evidence in this folder')
    .option('--case <dir>', 'keep the evidence and the answer in this case')
    .option('--json', 'one JSON document on standard output')
    .action((file, options) =>
      interruptible(async (signal) => {
        const flags = options as RunFlags;
        const { scenario, name, ops, readyUrl } = await scenarioOf(file, flags);
        const given = { ...flags, url: flags.url ?? readyUrl, ops: flags.ops ?? ops };
        const way = flags.bisect === undefined ? runOnce : runThroughHistory;
        await way(context, scenario, given, name, signal);
      }),
    );
  return finishingLeftOpen(command as unknown as Command, context);
}

async function runOnce(
  context: Context,
  scenario: Scenario,
  flags: RunFlags,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const { output } = context;
  const progress = new Progress(output);
  const kept = flags.output === undefined ? null : resolve(flags.output);
  if (kept !== null && existsSync(kept))
    throw new UsageError(`${kept} is there already`, 'choose another folder with -o');
  if (kept !== null) await mkdir(kept, { recursive: true, mode: 0o700 });
  const folder = kept ?? (await mkdtemp(join(tmpdir(), 'stanch-run-')));
  try {
    const result = await runScenario(scenario, {
      ...runOptions(flags, name, folder, signal),
      say: (text) => progress.say(text),
      onProgress: progress.report,
    }).finally(() => progress.end());
    const answer: RunResult = kept === null ? { ...result, folder: null } : result;
    if (flags.case !== undefined) {
      if (result.files.length > 0)
        await addEvidence(flags.case, [folder], { note: `stanch run ${name}: ${result.summary}` });
      await keepResult(flags.case, answer, answer.summary);
    }
    output.result(flags.json ? jsonText(answer) : paint(runLines(answer, output.width), output.colours));
    context.exitCode = EXIT_OF_VERDICT[answer.verdict];
  } finally {
    progress.end();
    if (kept === null) await rm(folder, { recursive: true, force: true });
  }
}

async function runThroughHistory(
  context: Context,
  scenario: Scenario,
  flags: RunFlags,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const { output } = context;
  const [good, bad] = flags.bisect!.split('..');
  if (!good || !bad)
    throw new UsageError(`--bisect: '${flags.bisect}' is no range`, 'write it as v1.4..HEAD');
  const { start, url } = flags;
  if (start === undefined && !scenario.start)
    throw new UsageError('--bisect starts the service of each commit: how?', "--start 'node server.js'");
  const thresholdBytes = flags.threshold === undefined ? undefined : parseSizeBytes(flags.threshold);
  if (thresholdBytes === null) throw new UsageError(`--threshold: '${flags.threshold}' is no size`);
  const progress = new Progress(output);
  try {
    const result = await bisect(scenario, {
      ...flags,
      name,
      folder: tmpdir(),
      signal,
      repository: resolve(flags.repo ?? '.'),
      good,
      bad,
      thresholdBytes,
      start: (directory, abort) =>
        start === undefined
          ? scenario.start!({ signal: abort, directory })
          : startCommand(start, { cwd: directory, url, signal: abort }),
      say: (text) => progress.say(text),
    });
    progress.end();
    if (flags.case !== undefined) await keepResult(flags.case, result, result.summary);
    output.result(flags.json ? jsonText(result) : paint(bisectLines(result, output.width), output.colours));
    context.exitCode = result.verdict === 'found' ? EXIT.leak : EXIT.notEnough;
  } finally {
    progress.end();
  }
}

function runOptions(flags: RunFlags, name: string, folder: string, signal: AbortSignal): RunOptions {
  const { target, start, url } = flags;
  const command = start ?? (isCommand(target) ? target : undefined);
  return {
    ...flags,
    name,
    folder,
    signal,
    target: isCommand(target) ? undefined : target,
    start: command === undefined ? undefined : (abort) => startCommand(command, { signal: abort, url }),
  };
}

/** What is run: one of a module, a request, a command. */
async function scenarioOf(
  file: string | undefined,
  flags: RunFlags,
): Promise<{ scenario: Scenario; name: string; ops?: number | undefined; readyUrl?: string }> {
  const isRecipe = file !== undefined && looksLikeRecipe(file);
  const given = [file, flags.http, flags.command].filter((each) => each !== undefined);
  if (given.length !== 1)
    throw new UsageError(
      given.length === 0
        ? 'there is nothing to run'
        : 'a module, --http and --command are three ways: give one',
      'stanch run scenario.js, stanch run "GET http://127.0.0.1:3000/ × 1000", or --command',
    );
  if (flags.command !== undefined) return { scenario: shellScenario(flags.command), name: flags.command };
  const text = flags.http ?? (isRecipe ? file : undefined);
  if (text === undefined) return { scenario: await loadScenario(file!), name: file! };
  const recipe = parseRecipe(text, flags.url);
  const scenario = httpScenario(recipe, {
    concurrency: flags.concurrency ?? 1,
    headers: Object.fromEntries((flags.header ?? []).map(headerOf)),
  });
  if (recipe.url.startsWith('/')) {
    if (flags.start === undefined && !isCommand(flags.target))
      throw new UsageError(`'${text}' does not say where`, 'give the whole address, or --url, or --start');
    return { scenario, name: text, ops: recipe.times ?? undefined };
  }
  const readyUrl = recipe.url.replaceAll('{i}', '0');
  // Who listens there is measured, unless it is said otherwise.
  return {
    scenario: { ...scenario, target: new URL(readyUrl).origin },
    name: text,
    ops: recipe.times ?? undefined,
    readyUrl,
  };
}

/** What is neither a pid nor an address starts the service. */
function isCommand(target: string | undefined): boolean {
  return target !== undefined && !/^\d+$/.test(target) && !/^(https?|wss?):\/\//.test(target);
}

function headerOf(text: string): [string, string] {
  const at = text.indexOf(':');
  if (at < 1)
    throw new UsageError(`--header: '${text}' is no header`, "write it as 'authorization: Bearer …'");
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

function count(text: string): number {
  return text === '0' ? 0 : wholeNumber(text);
}
