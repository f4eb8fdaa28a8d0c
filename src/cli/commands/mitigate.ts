import { readFile } from 'node:fs/promises';
import type { Command } from '@commander-js/extra-typings';
import { InvalidArgumentError } from 'commander';
import { EXIT, StanchError, UsageError } from '../../base/errors.ts';
import { confirmedGrowth } from '../../mitigate/confirmed-growth.ts';
import { type Act, accepted, type Gate, isRefused } from '../../mitigate/plan.ts';
import { restartInterval } from '../../mitigate/restart-interval.ts';
import { lockTree } from '../../mitigate/tree-lock.ts';
import { parseSizeBytes } from '../../model/series-unit.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { weightBytes } from '../../sources/processes/process-tree.ts';
import type { Context } from '../context.ts';
import { interruptible } from '../demo/interrupt.ts';
import { durationIn } from '../duration.ts';
import { finishingLeftOpen } from '../left-open.ts';
import { type CaseOfAct, lastConfirmation, readCaseOfAct } from '../mitigate/case-of-act.ts';
import type { MitigateDocument, WorkerRow } from '../mitigate/document.ts';
import type { MitigateOptions } from '../mitigate/options.ts';
import { type PreparedAct, prepareAct } from '../mitigate/prepare-act.ts';
import { newCommand, wholeNumber } from '../new-command.ts';
import { jsonText } from '../render/json.ts';
import { outcomeLines, planLines } from '../render/mitigate.ts';
import { type Line, line, paint, span } from '../render/text.ts';

const ACTS: readonly Act[] = ['gc', 'restart', 'rolling-restart'];
const TIMEOUT_MS = 60_000;
const EVERY_MS = 60_000;
const MOST_PER_HOUR = 3;

/** `stanch mitigate`: win time without destroying evidence. */
export function mitigateCommand(context: Context): Command {
  const command = newCommand('mitigate', context, [
    [
      'stanch mitigate 4711 restart --worst --case checkout-leak',
      'the plan for the worker that has most memory; does nothing',
    ],
    [
      'stanch mitigate 4711 restart --worst --case checkout-leak --ready http://127.0.0.1:8080/up --yes',
      'does it',
    ],
    [
      'stanch mitigate 4711 rolling-restart --case checkout-leak',
      'all workers of a Puma or gunicorn master, one after the other',
    ],
    [
      'stanch mitigate deployment/checkout rolling-restart -n shop --case checkout-leak',
      "through the user's own kubectl",
    ],
    ['stanch mitigate 4712 gc', 'a collection in Node.js or Go: shows what is garbage and what is held'],
  ])
    .description(
      'win time: collect, restart one worker gracefully, restart all one by one; a dry run without --yes',
    )
    .argument(
      '<target>',
      'a pid, deployment/NAME (statefulset/, daemonset/), a container, or for gc the address of a pprof handler',
    )
    .argument('<act>', ACTS.join(', '))
    .option('--case <dir>', 'the case: its evidence is looked for, and every act stands on its timeline')
    .option('--yes', 'do what the plan says')
    .option('--worst', 'restart the worker that has most memory, of the service that the target belongs to')
    .option('--ready <url>', 'asked before, during and after: 2xx is ready')
    .option('--timeout <duration>', 'for the old one to end, and for the new one to serve (60s)', duration)
    .option('--every <duration>', 'least time between two restarts of workers (60s)', duration)
    .option('--most-per-hour <n>', `restarts of a service within an hour (${MOST_PER_HOUR})`, wholeNumber)
    .option(
      '--started <ticks>',
      'refuse when the process started at another time: a pid may be given again',
      ticks,
    )
    .option('--signal <name>', 'for the master of a rolling restart: HUP, where that reloads its workers')
    .option(
      '--without-evidence <reason>',
      'go on although nothing was captured; the reason is written on the timeline',
    )
    .option(
      '--accept <gate=reason>',
      'lift a refusal that may be lifted, with a reason; can be repeated',
      acceptOption,
    )
    .option('--close-circuit <reason>', 'after a restart went wrong: what was found; written on the timeline')
    .option('--confirm <file>', 'JSON of stanch confirm: gives a restart interval; of the case when absent')
    .option('--limit <size>', 'where memory ends, for the interval', size)
    .option('--floor <size>', 'what a fresh process takes, for the interval', size)
    .option('-n, --namespace <name>', 'for kubectl')
    .option('--context <name>', 'for kubectl')
    .option('--json', 'one JSON document on standard output')
    .action(async (target, act, options) => {
      if (!(ACTS as readonly string[]).includes(act))
        throw new UsageError(`'${act}' is nothing that mitigate does`, `it does ${ACTS.join(', ')}`);
      const wish: MitigateOptions = {
        worst: options.worst === true,
        signalName: options.signal === undefined ? null : options.signal.toUpperCase().replace(/^SIG/, ''),
        started: options.started ?? null,
        readyUrl: options.ready === undefined ? null : webAddress(options.ready),
        timeoutMs: options.timeout ?? TIMEOUT_MS,
        everyMs: options.every ?? EVERY_MS,
        mostPerHour: options.mostPerHour ?? MOST_PER_HOUR,
        closeCircuit: options.closeCircuit ?? null,
        withoutEvidence: reasonOf('--without-evidence', options.withoutEvidence),
        accept: options.accept ?? new Map(),
        namespace: options.namespace ?? null,
        kubeContext: options.context ?? null,
      };
      if (wish.signalName !== null && act !== 'rolling-restart')
        throw new UsageError(
          '--signal is for rolling-restart',
          'a worker gets the signal that its server documents',
        );
      const interrupted = interruptible((signal) =>
        mitigate(context, target, act as Act, wish, {
          caseFolder: options.case ?? null,
          yes: options.yes === true,
          json: options.json === true,
          confirmFile: options.confirm ?? null,
          limitBytes: options.limit ?? null,
          floorBytes: options.floor ?? null,
          signal,
        }),
      );
      await interrupted.catch((error: unknown) => {
        throw error instanceof StanchError && error.code === 'interrupted' ? stopped(error) : error;
      });
    });
  return finishingLeftOpen(command as unknown as Command, context);
}

interface Run {
  readonly caseFolder: string | null;
  readonly yes: boolean;
  readonly json: boolean;
  readonly confirmFile: string | null;
  readonly limitBytes: number | null;
  readonly floorBytes: number | null;
  readonly signal: AbortSignal;
}

async function mitigate(
  context: Context,
  target: string,
  act: Act,
  wish: MitigateOptions,
  run: Run,
): Promise<void> {
  const { output } = context;
  const now = new Date();
  const kept = await readCaseOfAct(run.caseFolder, target, now);
  const say = (...lines: Line[]): void =>
    run.json ? undefined : output.result(paint(lines, output.colours));
  const first = await prepareAct(target, act, wish, kept, { lockIsOurs: false, now, signal: run.signal });
  const interval = await intervalOf(first, kept, run);
  const documentOf = (
    prepared: PreparedAct,
    gates: readonly Gate[],
    rest: Partial<MitigateDocument>,
  ): MitigateDocument => ({
    schema: 'stanch/mitigate@1',
    target,
    act,
    state: isRefused(gates) ? 'refused' : 'planned',
    what: prepared.title,
    case: run.caseFolder === null ? null : kept.folder,
    workers: rowsOf(prepared),
    gates,
    steps: prepared.steps,
    ...interval,
    outcomes: [],
    stopped: null,
    next: isRefused(gates) ? null : nextCommand(target, act, wish, run, prepared),
    ...rest,
  });
  const end = (document: MitigateDocument): void => {
    if (run.json) output.result(jsonText(document));
    context.exitCode =
      document.state === 'planned' || document.state === 'done' ? EXIT.clean : EXIT.unreachable;
  };
  const gates = accepted(first.gates, wish.accept);
  const plan = documentOf(first, gates, {});
  if (!run.yes || isRefused(gates)) {
    say(...planLines(plan, output.width));
    return end(plan);
  }
  // Between the look and the lock somebody else may have acted: all is looked at again under the lock.
  const unlock = lockTree(first.key);
  try {
    const prepared = await prepareAct(target, act, wish, await readCaseOfAct(run.caseFolder, target, now), {
      lockIsOurs: unlock !== null,
      now,
      signal: run.signal,
    });
    const settled = accepted(await prepared.settle(prepared.gates), wish.accept);
    const final = documentOf(prepared, settled, { next: null });
    say(...planLines(final, output.width));
    if (isRefused(settled) || prepared.key !== first.key) return end({ ...final, state: 'refused' });
    const { outcomes, stopped } = await prepared.run({
      onEvent: (says) => say(line(span(`  … ${says}`, 'dim'))),
      remarks: remarksOf(settled),
    });
    const worst = outcomes.find(({ state }) => state !== 'done');
    const state = worst?.state ?? (stopped === null ? 'done' : 'failed');
    const done = { ...final, state, outcomes, stopped };
    say(...outcomeLines(done, kept.folder, output.width));
    end({ ...done, case: kept.folder });
  } finally {
    unlock?.();
  }
}

/** What was lifted, for the timeline. */
function remarksOf(gates: readonly Gate[]): string {
  const lifted = gates.filter(
    ({ state, says }) => state === 'note' && /Accepted: |Without evidence, /.test(says),
  );
  return lifted.length === 0 ? '' : `. ${lifted.map(({ name, says }) => `${name}: ${says}`).join('. ')}`;
}

function rowsOf({ workers, targets }: PreparedAct): WorkerRow[] {
  return workers.map((worker: ProcessFacts) => ({
    pid: worker.pid,
    role: worker.role,
    memoryBytes: weightBytes(worker),
    rssBytes: worker.rssBytes,
    ageSeconds: worker.ageSeconds,
    target: targets.includes(worker),
  }));
}

async function intervalOf(
  { workers, title }: PreparedAct,
  kept: CaseOfAct,
  { confirmFile, limitBytes, floorBytes }: Run,
): Promise<Pick<MitigateDocument, 'interval' | 'noInterval'>> {
  const document = confirmFile === null ? await lastConfirmation(kept) : await confirmationIn(confirmFile);
  if (document === null) return { interval: null, noInterval: null };
  const growth = confirmedGrowth(document, { limitBytes, floorBytes, workers: Math.max(1, workers.length) });
  if (growth.basis === null)
    return { interval: null, noInterval: `${title}: no restart interval: ${growth.why}` };
  return {
    interval: { ...restartInterval(growth.basis), metric: growth.metric, floorFrom: growth.floorFrom },
    noInterval: null,
  };
}

async function confirmationIn(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new UsageError(
      `--confirm: ${file}: ${(cause as Error).message}`,
      'stanch confirm … --json writes it',
    );
  }
}

/** The very command that does it: with the start of the process, so that it fits no other one. */
function nextCommand(
  target: string,
  act: Act,
  wish: MitigateOptions,
  { caseFolder }: Run,
  { started }: PreparedAct,
): string {
  const quoted = (text: string): string =>
    /^[\w./:@=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
  const options: [string, string | number | null][] = [
    ['--case', caseFolder],
    ['--signal', wish.signalName],
    ['--ready', wish.readyUrl],
    ['--timeout', wish.timeoutMs === TIMEOUT_MS ? null : `${wish.timeoutMs}ms`],
    ['--every', wish.everyMs === EVERY_MS ? null : `${wish.everyMs}ms`],
    ['--most-per-hour', wish.mostPerHour === MOST_PER_HOUR ? null : wish.mostPerHour],
    ['--without-evidence', wish.withoutEvidence],
    ...[...wish.accept].map(([gate, reason]): [string, string] => ['--accept', `${gate}=${reason}`]),
    ['--close-circuit', wish.closeCircuit],
    ['-n', wish.namespace],
    ['--context', wish.kubeContext],
    ['--started', started],
  ];
  return [
    'stanch mitigate',
    quoted(target),
    act,
    ...(wish.worst ? ['--worst'] : []),
    ...options.flatMap(([name, value]) => (value === null ? [] : [`${name} ${quoted(String(value))}`])),
    '--yes',
  ].join(' ');
}

/** A signal that was sent cannot be called back. */
function stopped(error: StanchError): StanchError {
  return new StanchError('stopped; what had been begun goes on without us', {
    code: 'interrupted',
    exitCode: error.exitCode,
    hint: 'the timeline tells how far it had come; stanch top shows what is there now',
  });
}

function acceptOption(text: string, before: Map<string, string> = new Map()): Map<string, string> {
  const [, gate = '', reason = ''] = /^([a-z-]+)=(.*)$/s.exec(text) ?? [];
  if (reason.trim() === '')
    throw new InvalidArgumentError('It must be a gate and a reason, as single-worker="night, no users".');
  return new Map([...before, [gate, reason.trim()]]);
}

function reasonOf(option: string, text: string | undefined): string | null {
  if (text === undefined) return null;
  if (text.trim() === '') throw new UsageError(`${option}: a reason is needed; it stands on the timeline`);
  return text.trim();
}

function webAddress(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new UsageError(`--ready: '${text}' is no http address`);
}

function ticks(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('It must be a number of ticks, as a plan tells it.');
  return value;
}

function size(text: string): number {
  const bytes = parseSizeBytes(text);
  if (bytes === null || bytes <= 0) throw new InvalidArgumentError('It must be a size, as 512MiB or 2Gi.');
  return bytes;
}

const duration = durationIn(['ms', 's', 'm', 'h'], '30s, 10m or 2h');
