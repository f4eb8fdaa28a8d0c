import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { EXIT, StanchError } from '../../base/errors.ts';
import { formatBytes } from '../../base/units.ts';
import type { RunGrowth } from '../run-result.ts';
import { type RunOptions, runScenario } from '../run-scenario.ts';
import type { RunningService, Scenario } from '../scenario.ts';
import { firstThatLeaks, type Tested } from './search.ts';
import { type Commit, commitsBetween, inWorktree } from './worktree.ts';

export interface BisectOptions extends Omit<RunOptions, 'start' | 'captures' | 'target'> {
  readonly repository: string;
  readonly good: string;
  readonly bad: string;
  /** Starts the service of a checkout. */
  readonly start: (folder: string, signal: AbortSignal) => Promise<RunningService>;
  /** Run in each checkout before. */
  readonly build?: string | undefined;
  /** Bytes for each operation that are the leak; in the middle between the intervals of the good and the bad commit when absent. */
  readonly thresholdBytes?: number | undefined;
}

/** One commit that was looked at. */
export interface BisectStep {
  readonly commit: string;
  readonly subject: string;
  readonly result: Tested;
  /** Bytes for each operation; null when it was skipped. */
  readonly bytesPerOperation: Pick<RunGrowth, 'value' | 'low' | 'high'> | null;
  /** Why it was skipped, or that it is not sure. */
  readonly note: string | null;
}

/** What `stanch run --bisect` answers. */
export interface BisectResult {
  readonly schema: 'stanch/bisect@1';
  readonly verdict: 'found' | 'not-found';
  readonly summary: string;
  readonly scenario: string;
  readonly metric: string | null;
  readonly thresholdBytes: number;
  /** The first commit that leaks; several where those before it could not be tested. */
  readonly commits: readonly { readonly hash: string; readonly subject: string }[];
  readonly between: number;
  readonly steps: readonly BisectStep[];
}

const LEADING = ['heap_used_bytes', 'go_heap_inuse_bytes', 'process_resident_memory_bytes'];
const KEPT_OUTPUT_CHARACTERS = 2000;
const ROUNDS = 6;
/** Ends that cannot be told apart get up to so many times as many rounds. */
const MOST_TIMES = 4;

/**
 * Runs a scenario through the history of a repository and names the commit that brought the leak. Each commit is checked out into a folder of
 * its own; those that cannot be built or started are gone around.
 *
 * @throws StanchError when the good and the bad commit do not differ, or cannot be run
 */
export async function bisect(scenario: Scenario, options: BisectOptions): Promise<BisectResult> {
  const { repository, good, bad, signal, say = () => undefined } = options;
  const commits = await commitsBetween(repository, good, bad);
  const steps: BisectStep[] = [];
  const results = new Map<number, Measured | string>();
  const measure = async (index: number, count: number): Promise<Measured | string> => {
    const commit = commits[index]!;
    say(`commit ${commit.hash.slice(0, 10)} ${commit.subject}`);
    const measured = await measureCommit(scenario, commit, options, count);
    results.set(index, measured);
    return measured;
  };
  const usual = options.rounds ?? scenario.rounds ?? ROUNDS;
  const end = async (index: number, rounds: number): Promise<Measured> => {
    const measured = await measure(index, rounds);
    if (typeof measured === 'string') throw cannotRun(index === 0 ? good : bad, measured);
    return measured;
  };
  let rounds = usual;
  let clean = await end(0, rounds);
  let leaking = await end(commits.length - 1, rounds);
  const between = (): number => options.thresholdBytes ?? (clean.high + leaking.low) / 2;
  const differ = (): boolean => clean.high < between() && leaking.low > between();
  while (!differ() && rounds < MOST_TIMES * usual) {
    rounds *= 2;
    clean = await end(0, rounds);
    leaking = await end(commits.length - 1, rounds);
  }
  const threshold = between();
  if (!differ()) throw noDifference(good, clean, bad, leaking);
  const judge = async (index: number): Promise<Tested> => {
    let measured = await measure(index, rounds);
    let note: string | null = null;
    if (typeof measured !== 'string' && measured.low < threshold && measured.high > threshold) {
      measured = await measure(index, 2 * rounds);
      if (typeof measured !== 'string' && measured.low < threshold && measured.high > threshold)
        note = 'its interval holds the threshold: taken for the nearer side';
    }
    const result = typeof measured === 'string' ? 'skipped' : measured.value > threshold ? 'leak' : 'clean';
    steps.push(stepOf(commits[index]!, result, measured, note));
    return result;
  };
  steps.push(stepOf(commits[0]!, 'clean', clean, null), stepOf(commits.at(-1)!, 'leak', leaking, null));
  const { suspects } = await firstThatLeaks(commits.length, judge);
  signal.throwIfAborted();
  const found = suspects.map((index) => commits[index]!);
  return {
    schema: 'stanch/bisect@1',
    verdict: found.length === 1 ? 'found' : 'not-found',
    summary: summaryOf(found, results.get(suspects.at(-1)!) ?? leaking),
    scenario: options.name,
    metric: leaking.metric,
    thresholdBytes: threshold,
    commits: found,
    between: commits.length - 1,
    steps,
  };
}

interface Measured extends Pick<RunGrowth, 'value' | 'low' | 'high'> {
  readonly metric: string;
}

/** @returns why it cannot be tested, where that is so */
async function measureCommit(
  scenario: Scenario,
  commit: Commit,
  options: BisectOptions,
  rounds: number,
): Promise<Measured | string> {
  const { repository, build, signal, start } = options;
  signal.throwIfAborted();
  return inWorktree(repository, commit, async (folder) => {
    const broken = build === undefined ? null : await failureOf(build, folder, signal);
    signal.throwIfAborted();
    if (broken !== null) return `it does not build: ${broken}`;
    try {
      const { metrics } = await runScenario(scenario, {
        ...options,
        rounds,
        captures: 0,
        target: undefined,
        start: (abort) => start(folder, abort),
      });
      for (const name of LEADING) {
        const found = metrics.find(({ what }) => what === name);
        if (found) return { metric: name, value: found.value, low: found.low, high: found.high };
      }
      return 'nothing of it could be counted';
    } catch (error) {
      signal.throwIfAborted();
      return `it does not run: ${(error as Error).message.split('\n')[0]}`;
    }
  });
}

async function failureOf(command: string, cwd: string, signal: AbortSignal): Promise<string | null> {
  const child = spawn('/bin/sh', ['-c', command], { cwd, stdio: ['ignore', 'pipe', 'pipe'], signal });
  let output = '';
  const keep = (text: string): void => {
    output = (output + text).slice(-KEPT_OUTPUT_CHARACTERS);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const [code] = (await once(child, 'close').catch(() => [-1])) as [number | null];
  return code === 0 ? null : (output.trim().split('\n').at(-1) ?? `code ${code}`);
}

function stepOf(
  { hash, subject }: Commit,
  result: Tested,
  measured: Measured | string,
  note: string | null,
): BisectStep {
  const skipped = typeof measured === 'string';
  return {
    commit: hash,
    subject,
    result,
    bytesPerOperation: skipped ? null : { value: measured.value, low: measured.low, high: measured.high },
    note: skipped ? measured : note,
  };
}

function summaryOf(found: readonly Commit[], leaking: Measured | string): string {
  const [commit] = found;
  const bytes = typeof leaking === 'string' ? '' : `, ${formatBytes(leaking.value)} for each operation`;
  return found.length === 1 && commit
    ? `The leak came with ${commit.hash.slice(0, 12)} ${commit.subject}${bytes}`
    : `The leak came with one of ${found.length} commits, of which only the last could be run`;
}

function cannotRun(commit: string, why: string): StanchError {
  return new StanchError(`${commit}: ${why}`, {
    code: 'bisect-cannot-run',
    exitCode: EXIT.unreachable,
    hint: 'the good and the bad commit must both build and start: see --build and --start',
  });
}

function noDifference(good: string, clean: Measured, bad: string, leaking: Measured): StanchError {
  const text = ({ value, low, high }: Measured): string =>
    `${formatBytes(value)} (${formatBytes(low)} to ${formatBytes(high)})`;
  return new StanchError(
    `${good} and ${bad} cannot be told apart: ${text(clean)} and ${text(leaking)} for each operation`,
    {
      code: 'bisect-no-difference',
      exitCode: EXIT.notEnough,
      hint: 'more --ops and --rounds, or another scenario',
    },
  );
}
