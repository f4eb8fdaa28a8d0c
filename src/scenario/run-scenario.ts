import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../base/errors.ts';
import type { OnProgress } from '../base/progress.ts';
import type { CaptureWish } from '../capture/targets/target.ts';
import { diagnoseFiles } from '../library/diagnose-files.ts';
import type { Diagnosis } from '../model/finding.ts';
import { browserLanes } from './browser/browser-lanes.ts';
import { type Driver, driverOf } from './drive.ts';
import { judgeRun } from './judge-run.ts';
import { openProbe } from './probes/open-probe.ts';
import type { Probe } from './probes/probe.ts';
import type { RunResult, RunRound } from './run-result.ts';
import type { OperationCounts, RunningService, Scenario, ScenarioContext } from './scenario.ts';

export interface RunOptions {
  /** As it is called in the answer: the file, the recipe. */
  readonly name: string;
  /** Operations in each round. */
  readonly ops?: number | undefined;
  /** Rounds that count, after those that warm up. */
  readonly rounds?: number | undefined;
  readonly warmUp?: number | undefined;
  readonly concurrency?: number | undefined;
  /** Full evidence is taken so many times; 0 counts only. */
  readonly captures?: number | undefined;
  /** Whose memory is measured; what the scenario says when absent. */
  readonly target?: number | string | undefined;
  /** Starts the service instead of the scenario. */
  readonly start?: ((signal: AbortSignal) => Promise<RunningService>) | undefined;
  /** A folder that exists, for the evidence. */
  readonly folder: string;
  /** The service's checkout: findings then carry file and line in it. */
  readonly source?: string | undefined;
  readonly chromium?: string | undefined;
  readonly settleMs?: number | undefined;
  readonly signal: AbortSignal;
  readonly onProgress?: OnProgress | undefined;
  /** What is being done, for people. */
  readonly say?: ((text: string) => void) | undefined;
}

const OPS = 100;
const ROUNDS = 6;
const WARM_UP = 2;
const CAPTURES = 4;
const SETTLE_MS = 200;
const LEAST_ROUNDS = 2;
const MOST_FINDINGS = 50;

/**
 * Runs a scenario in rounds against a service, or in the pages of a browser, with a collection and a count after each and evidence at the
 * ends and between, and says what each operation leaves behind. What it started is ended, whatever happens.
 *
 * @throws StanchError when the service cannot be started or looked at; what an operation throws
 */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<RunResult> {
  const { signal, say = () => undefined } = options;
  const concurrency = options.concurrency ?? scenario.concurrency ?? 1;
  const start = options.start ?? (scenario.start ? (abort) => scenario.start!({ signal: abort }) : null);
  if (start) say('starting the service');
  const service = start ? await start(signal) : null;
  const context: ScenarioContext = { service, signal, concurrency };
  const stop = (): void => void service?.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    const target = options.target ?? service?.target ?? scenario.target;
    if (scenario.browser) {
      const lanes = await browserLanes(scenario, context, options.chromium);
      try {
        const probe = target === undefined ? lanes.probe : await openProbe(target, wishOf(options, service));
        return await measure(scenario, context, lanes.driver, probe, options);
      } finally {
        await lanes.close();
      }
    }
    if (target === undefined)
      throw new UsageError(
        'whose memory shall be measured? The scenario names no target',
        '--target <pid or address>, --start <command>, or export target or start',
      );
    const probe = await openProbe(target, wishOf(options, service));
    return await measure(scenario, context, driverOf(scenario, context), probe, options);
  } finally {
    signal.removeEventListener('abort', stop);
    await service?.stop();
  }
}

function wishOf(
  { captures = CAPTURES, folder, signal }: RunOptions,
  service: RunningService | null,
): CaptureWish {
  return {
    count: Math.max(1, captures),
    everyMs: 0,
    profileMs: 0,
    disk: folder,
    token: service?.token ?? process.env['STANCH_TOKEN'],
    signal,
  };
}

async function measure(
  scenario: Scenario,
  context: ScenarioContext,
  drive: Driver,
  probe: Probe,
  options: RunOptions,
): Promise<RunResult> {
  const { signal, folder, say = () => undefined, onProgress } = options;
  const ops = options.ops ?? scenario.ops ?? OPS;
  const rounds = options.rounds ?? scenario.rounds ?? ROUNDS;
  const warmUp = options.warmUp ?? WARM_UP;
  if (rounds < LEAST_ROUNDS) throw new UsageError(`--rounds: at least ${LEAST_ROUNDS}, to have an interval`);
  const captureAfter = probe.evidence ? capturedRounds(options.captures ?? CAPTURES, rounds, warmUp) : [];
  const files: string[] = [];
  const done: RunRound[] = [];
  let collected = false;
  let leftOpen: string | null = null;
  try {
    await scenario.setup?.(context);
    for (let round = 0; round <= warmUp + rounds; round++) {
      const isWarmUp = round < warmUp;
      const started = performance.now();
      let counted: OperationCounts = {};
      // The round of number `warmUp` is the line between: nothing is driven, only counted.
      if (round !== warmUp) {
        const number = isWarmUp ? round + 1 : round - warmUp;
        say(
          `${ops} operations, ${isWarmUp ? `warm-up ${number} of ${warmUp}` : `round ${number} of ${rounds}`}`,
        );
        counted = await drive(ops);
      }
      signal.throwIfAborted();
      await sleep(options.settleMs ?? SETTLE_MS, undefined, { signal });
      await scenario.collectGarbage?.(context);
      collected = (await probe.collectGarbage()) || scenario.collectGarbage !== undefined;
      const counts = await probe.counts();
      const elapsedMs = performance.now() - started;
      let captured: string | null = null;
      if (captureAfter.includes(round)) {
        captured = String.fromCharCode(65 + captureAfter.indexOf(round));
        say(`evidence ${captured}`);
        const taken = await probe.evidence!.capture({ label: captured, folder, signal, onProgress });
        files.push(...taken.map(({ file }) => file));
      }
      done.push({ round, warmUp: round <= warmUp, operations: counted, elapsedMs, counts, captured });
    }
  } finally {
    await scenario.teardown?.(context);
    leftOpen = await probe.close();
  }
  const { operation, total } = totals(done, scenario);
  const between = captureAfter.length >= 2 ? total : null;
  say('stanch diagnose');
  const source = options.source ?? scenario.source;
  const diagnosis = await diagnosisOf(files, between, { ...options, source });
  return judgeRun({
    scenario: options.name,
    target: probe.target,
    runtime: probe.runtime,
    operation,
    operations: total,
    rounds: done,
    collected,
    diagnosis,
    withoutEvidence: captureAfter.length > 0 ? null : (probe.withoutEvidence ?? 'none was asked for'),
    folder,
    files,
    leftOpen,
  });
}

/** The first after the warm-up, the last at the end, the others between them as evenly as rounds allow. */
function capturedRounds(captures: number, rounds: number, warmUp: number): number[] {
  const count = Math.min(captures, rounds + 1);
  if (count < 2) return count === 1 ? [warmUp + rounds] : [];
  return Array.from({ length: count }, (_, at) => warmUp + Math.round((rounds * at) / (count - 1)));
}

function totals(rounds: readonly RunRound[], scenario: Scenario): { operation: string; total: number } {
  const driven = rounds.find(({ operations }) => Object.keys(operations).length > 0);
  const operation = Object.keys(driven?.operations ?? {})[0] ?? scenario.name ?? 'operation';
  const total = rounds
    .filter(({ warmUp }) => !warmUp)
    .reduce((sum, { operations }) => sum + (operations[operation] ?? 0), 0);
  return { operation, total };
}

async function diagnosisOf(
  files: readonly string[],
  operations: number | null,
  { folder, source, signal, onProgress }: RunOptions,
): Promise<Diagnosis | null> {
  if (files.length === 0) return null;
  const { diagnosis } = await diagnoseFiles([folder], {
    ...(source === undefined ? {} : { source }),
    top: MOST_FINDINGS,
    ...(operations === null ? {} : { operations }),
    signal,
    ...(onProgress ? { onProgress } : {}),
  });
  return diagnosis;
}
