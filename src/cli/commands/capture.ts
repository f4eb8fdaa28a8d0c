import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Command, Option } from '@commander-js/extra-typings';
import { EXIT, StanchError, UsageError } from '../../base/errors.ts';
import { stateOf } from '../../capture/targets/pre-flight.ts';
import { prepareTarget } from '../../capture/targets/prepare.ts';
import { type CapturedMoment, captureSeries, MOST_CAPTURES } from '../../capture/targets/series.ts';
import type { CaptureKind, PreparedTarget } from '../../capture/targets/target.ts';
import { type Intake, openIntake } from '../../casework/capture-intake.ts';
import { holdsCase } from '../../casework/case-folder.ts';
import type { Context } from '../context.ts';
import { interruptible } from '../demo/interrupt.ts';
import { durationIn } from '../duration.ts';
import { finishingLeftOpen } from '../left-open.ts';
import { newCommand, wholeNumber } from '../new-command.ts';
import type { Output } from '../output.ts';
import { Progress } from '../progress.ts';
import { momentLines, preFlightLines } from '../render/capture.ts';
import { jsonText } from '../render/json.ts';
import { type Line, line, paint, span } from '../render/text.ts';

const KINDS: readonly CaptureKind[] = ['heap', 'census', 'profile', 'goroutines', 'all'];
const EVERY_MS = 600_000;
const PROFILE_MS = 30_000;

interface Options {
  readonly kind?: CaptureKind | undefined;
  readonly count: number;
  readonly everyMs: number;
  readonly profileMs: number;
  readonly folder: string;
  readonly pack: boolean;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** `stanch capture`: evidence from a running process, and what it costs before it is taken. */
export function captureCommand(context: Context): Command {
  const command = newCommand('capture', context, [
    [
      'stanch capture 4711',
      'what the runtime gives best: heap of Node.js, Ruby and Python, all profiles of Go',
    ],
    ['stanch capture 4711 --count 3 --every 10m -o case', 'a series for stanch diagnose'],
    [
      'stanch capture http://127.0.0.1:6060',
      'a Go service by its pprof handler; ws:// and inspectors likewise',
    ],
    [
      'stanch capture 4711 --kind census',
      'Node.js: counts by class instead of a snapshot, a third of the pause',
    ],
    ['stanch capture container:web', 'a container, by the Docker or podman socket'],
    ['stanch capture pod:shop/web-7d4b9c', "a pod, through your own kubectl's exec and port-forward"],
    ['stanch capture 4711 --dry-run', 'only says what it would cost'],
  ])
    .description('take evidence from a running process, after a pre-flight that says what it costs')
    .argument(
      '<target>',
      'a pid, container:NAME, pod:NAMESPACE/NAME[/CONTAINER], or an address: of an inspector, a pprof handler, an agent, or a service of this machine',
    )
    .addOption(new Option('--kind <kind>', "what to take; the runtime's best when absent").choices(KINDS))
    .option('--count <n>', 'how many captures (1)', wholeNumber)
    .option('--every <duration>', 'time from the end of one to the next (10m)', duration)
    .option('--for <duration>', 'how long a sampling profile of Node.js listens (30s)', duration)
    .option('-o, --output <folder>', 'where it goes: a case, or a folder; a new one when absent')
    .option('--no-pack', 'leave dumps as they come; they are packed with gzip on the way otherwise')
    .option('--yes', 'go on where the pre-flight asks')
    .option('--dry-run', 'pre-flight only')
    .option('--json', 'one JSON document on standard output')
    .action(async (target, options) => {
      const { count = 1 } = options;
      if (count > MOST_CAPTURES) throw new UsageError(`--count: ${MOST_CAPTURES} captures at most`);
      await capture(context, target, {
        kind: options.kind as CaptureKind | undefined,
        count,
        everyMs: options.every ?? EVERY_MS,
        profileMs: options.for ?? PROFILE_MS,
        folder: resolve(options.output ?? newFolderName(target, new Date())),
        pack: options.pack !== false,
        yes: options.yes === true,
        dryRun: options.dryRun === true,
        json: options.json === true,
      });
    });
  return finishingLeftOpen(command as unknown as Command, context);
}

async function capture({ output }: Context, target: string, options: Options): Promise<void> {
  const { folder, count, everyMs, profileMs, kind, json } = options;
  const moments: CapturedMoment[] = [];
  const say = (...lines: Line[]): void => (json ? undefined : output.result(paint(lines, output.colours)));
  let intake: Intake | null = null;
  try {
    await interruptible(async (signal) => {
      const prepared = await prepareTarget(target, {
        ...(kind === undefined ? {} : { kind }),
        count,
        everyMs,
        profileMs,
        disk: nearest(folder),
        pack: options.pack,
        token: process.env['STANCH_TOKEN'],
        signal,
      });
      let stopped: string | null = null;
      let left: string | null = null;
      try {
        say(...preFlightLines(prepared.preFlight, output.width));
        if (await mayGoOn(prepared, options, output)) {
          if (await holdsCase(folder)) intake = await openIntake(folder, prepared.preFlight);
          else await mkdir(folder, { recursive: true, mode: 0o700 });
          const into = intake?.folder ?? folder;
          stopped = await series(prepared, { ...options, folder: into, signal }, output, async (moment) => {
            const kept = intake ? (await intake.take(moment)).moment : moment;
            moments.push(kept);
            say(...momentLines(moment));
          });
        }
      } finally {
        left = await prepared.close();
        if (left !== null) output.message(`warning: ${left}\n`);
      }
      if (stopped !== null)
        output.message(`the series ends after ${moments.length} of ${count}: ${stopped}\n`);
      if (json) {
        const { preFlight } = prepared;
        output.result(
          jsonText({
            schema: 'stanch/capture@1',
            target,
            preFlight: { state: stateOf(preFlight.checks), ...preFlight },
            folder: moments.length === 0 ? null : folder,
            moments,
            endedEarly: stopped,
            leftOpen: left,
          }),
        );
      } else if (moments.length > 0) {
        say(line(), line(span(nextStep(folder, moments), 'dim')));
      }
    });
  } catch (error) {
    throw error instanceof StanchError && error.code === 'interrupted'
      ? interruption(error, moments.length, folder)
      : error;
  } finally {
    await (intake as Intake | null)?.close();
  }
}

async function series(
  prepared: PreparedTarget,
  options: Options & { readonly signal: AbortSignal },
  output: Output,
  onMoment: (moment: CapturedMoment) => Promise<void>,
): Promise<string | null> {
  const progress = new Progress(output);
  const all = captureSeries(prepared, { ...options, onProgress: progress.report });
  try {
    for (;;) {
      const { done, value } = await all.next();
      progress.end();
      if (done) return value;
      await onMoment(value);
    }
  } finally {
    progress.end();
  }
}

/** @throws StanchError when the pre-flight refuses, or asks and nobody answers */
async function mayGoOn(
  { preFlight }: PreparedTarget,
  { yes, dryRun }: Options,
  output: Output,
): Promise<boolean> {
  const state = stateOf(preFlight.checks);
  if (dryRun) return false;
  if (state === 'refused') {
    const { says = '', hint } = preFlight.checks.find((check) => check.state === 'refused') ?? {};
    throw new StanchError(`${preFlight.target}: refused, nothing was taken: ${says}`, {
      code: 'capture-refused',
      exitCode: EXIT.unreachable,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  if (state === 'ok' || yes) return true;
  if (output.showsProgress && process.stdin.isTTY === true) {
    output.message('Go on? [y/N] ');
    for await (const answer of output.stdin) {
      if (/^y(es)?$/i.test(Buffer.from(answer).toString('utf8').trim())) return true;
      break;
    }
    throw new UsageError('not confirmed; nothing was taken');
  }
  const asked = preFlight.checks.filter((check) => check.state === 'ask').map(({ name }) => name);
  throw new UsageError(
    `${preFlight.target}: the pre-flight asks (${asked.join(', ')}); nothing was taken`,
    'add --yes if that is acceptable',
  );
}

function interruption(error: StanchError, whole: number, folder: string): StanchError {
  const kept = whole === 0 ? 'nothing was kept' : `${whole} whole captures are in ${folder}`;
  return new StanchError(`stopped; the process is as it was, and ${kept}`, {
    code: 'interrupted',
    exitCode: error.exitCode,
  });
}

function nextStep(folder: string, moments: readonly CapturedMoment[]): string {
  const files = moments.flatMap((moment) => moment.files);
  const [first, last] = [files[0], files.findLast(({ kind }) => kind === 'census')];
  // Counts have no owners to name: they are compared.
  if (moments.length >= 2 && first?.kind === 'census' && last && !files.some(({ kind }) => kind === 'heap'))
    return `stanch diff ${first.file} ${last.file}`;
  return moments.length >= 2
    ? `stanch diagnose ${folder}`
    : `in ${folder}; a series tells more: --count 3 --every 10m`;
}

/** `stanch-4711-20240121T093000Z`, in the current folder. */
function newFolderName(target: string, now: Date): string {
  const name = target
    .replace(/^\w+:\/\//, '')
    .replace(/[^\w.-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return join('.', `stanch-${name}-${now.toISOString().replace(/[-:]|\.\d+/g, '')}`);
}

/** The folder that is there already, above one that will be made: the disk is the same. */
function nearest(folder: string): string {
  let there = folder;
  while (!existsSync(there)) there = dirname(there);
  return there;
}

const duration = durationIn(['ms', 's', 'm', 'h'], '30s, 10m or 2h');
