import type { Command } from '@commander-js/extra-typings';
import { InvalidArgumentError } from 'commander';
import { EXIT, UsageError } from '../../base/errors.ts';
import { keepResult } from '../../casework/results.ts';
import { hours } from '../../confirm/words.ts';
import { parseTimeMs } from '../../model/sample-time.ts';
import { type Series, sliceSeries } from '../../model/series.ts';
import { parseSizeBytes } from '../../model/series-unit.ts';
import type { KnownRate, SeriesSide } from '../../verify/series-side.ts';
import { metricLike, sidesOf } from '../../verify/sides.ts';
import { joinVerdicts } from '../../verify/verdict.ts';
import type { FixVerdict, SeriesVerification, Verification } from '../../verify/verification.ts';
import { verifyDiagnoses } from '../../verify/verify-diagnoses.ts';
import { neededHours, verifySeries } from '../../verify/verify-series.ts';
import type { Context } from '../context.ts';
import { interruptible } from '../demo/interrupt.ts';
import { durationIn } from '../duration.ts';
import { finishingLeftOpen } from '../left-open.ts';
import { newCommand } from '../new-command.ts';
import { Progress } from '../progress.ts';
import { jsonText } from '../render/json.ts';
import { unreadableLines } from '../render/notes.ts';
import { paint } from '../render/text.ts';
import { verifyLines } from '../render/verify.ts';
import { readSide, type Side } from '../verify/read-side.ts';
import { isCase, type SideOfCase, sideOfCase } from '../verify/side-of-case.ts';
import { watchTarget } from '../verify/watch-target.ts';

const EXIT_OF_VERDICT: Readonly<Record<FixVerdict, number>> = {
  fixed: EXIT.clean,
  'still-leaking': EXIT.leak,
  'not-enough-data': EXIT.notEnough,
};
const WORST: readonly FixVerdict[] = ['still-leaking', 'not-enough-data', 'fixed'];
const HOUR_MS = 3_600_000;
const NOTHING: SideOfCase = {
  series: [],
  events: [],
  diagnosis: null,
  unreadable: [],
  notes: [],
  rate: null,
};

interface Options {
  readonly before?: string[] | undefined;
  readonly after?: string[] | undefined;
  readonly deployed?: number | undefined;
  readonly for?: number | undefined;
  readonly case?: string | undefined;
  readonly rate?: number | undefined;
  readonly metric?: string | undefined;
  readonly limit?: number | undefined;
  readonly operations?: readonly [number, number] | undefined;
  readonly tolerance?: number | undefined;
  readonly least?: number | undefined;
  readonly source?: string | undefined;
  readonly anyway?: true | undefined;
  readonly json?: true | undefined;
}

/** `stanch verify`: is the leak gone, and could it have been seen if it were not? */
export function verifyCommand(context: Context): Command {
  const command = newCommand('verify', context, [
    [
      'stanch verify --before memory-old.csv --after memory-new.csv',
      'the same load, before and after the fix',
    ],
    [
      'stanch verify --before old-dumps/ --after new-dumps/ --operations 800,800',
      'the same causes must be gone, and no other may grow',
    ],
    [
      'stanch verify --before http://prometheus:9090 --metric rss_bytes --deployed 2024-01-21T10:00Z',
      'one series that holds both',
    ],
    ['stanch verify 4711 --for 2h --before memory.csv', 'watches the fixed service'],
    [
      'stanch verify 4711 --for 2h --case checkout-leak --after new-dumps/',
      'before is what the case knows; after, what is watched, and the dumps',
    ],
  ])
    .description('say whether a fix has ended the leak, by how much it grew before and grows after')
    .argument(
      '[target]',
      'the fixed service: a pid, or the address of its /metrics or of a Prometheus server',
    )
    .option('--before <evidence...>', 'series, dumps, or both, of the leaking service; or a case')
    .option(
      '--after <evidence...>',
      'the same of the fixed service, under the same load; with a target, its dumps',
    )
    .option('--deployed <time>', 'when the fix went live: --before holds what was before and after', time)
    .option('--for <duration>', 'how long to watch the target (15m)', duration)
    .option('--case <dir>', 'take what was before from this case, and keep the answer in it')
    .option('--rate <size>', 'growth before, in bytes an hour, where no evidence of it was kept', size)
    .option(
      '--metric <name>',
      'the column, metric or PromQL selector; the first that says memory when absent',
    )
    .option('--limit <size>', 'where memory ends, as 512MiB, 2Gi', size)
    .option('--operations <before,after>', 'operations done over the evidence of each side', pair)
    .option('--tolerance <share>', 'what may be left of the leak: 10 % when absent', share)
    .option('--least <duration>', 'less than this says nothing, however quiet it is (10m)', duration)
    .option('--source <dir>', "the service's checkout: causes then carry file and line in it")
    .option('--anyway', 'watch although the time is too short to be sure')
    .option('--json', 'one JSON document on standard output')
    .action((target, options) =>
      interruptible((signal) => verify(context, target, options as Options, signal)),
    );
  return finishingLeftOpen(command as unknown as Command, context);
}

async function verify(
  context: Context,
  target: string | undefined,
  options: Options,
  signal: AbortSignal,
): Promise<void> {
  const { output } = context;
  const progress = new Progress(output);
  checkUsage(target, options);
  const read = async (
    which: 'before' | 'after',
    paths: readonly string[] | undefined,
    operations: number | undefined,
  ): Promise<SideOfCase> => {
    const cases = paths?.filter(isCase) ?? [];
    const files = paths?.filter((path) => !isCase(path)) ?? [];
    const sides = await Promise.all(cases.map((folder) => sideOfCase(folder, which)));
    if (files.length > 0) {
      const given = await readSide(files, {
        metric: options.metric,
        source: options.source,
        operations,
        stdin: output.stdin,
        signal,
        onProgress: progress.report,
      });
      sides.unshift({ ...given, rate: null });
    }
    return sides.reduce(joined, NOTHING);
  };
  try {
    const given = await read('before', options.before, options.operations?.[0]);
    // What was given goes before what the case knows.
    const known =
      options.case === undefined || options.rate !== undefined
        ? { ...NOTHING, rate: told(options.rate) }
        : await ofCase(options.case, given);
    let before: Side = joined(given, known);
    const rate = given.rate ?? known.rate;
    let after: Side;
    if (options.deployed !== undefined) {
      after = { ...before, diagnosis: null, series: cut(before.series, options.deployed, Infinity) };
      before = { ...before, series: cut(before.series, -Infinity, options.deployed) };
    } else if (target !== undefined) {
      const dumped = await read('after', options.after, options.operations?.[1]);
      if (dumped.series.length > 0)
        throw new UsageError(
          '--after holds numbers over time, and a target is watched besides: which of them is after?',
          'with a target --after may hold dumps and profiles; numbers without a target',
        );
      const forMs = options.for ?? HOUR_MS / 4;
      const short = tooShort(before, forMs, options);
      if (short !== null && !options.anyway) return answer(context, short, options, [before], progress);
      const live = await watchTarget(target, {
        forMs,
        metric: options.metric,
        signal,
        onProgress: progress.report,
      });
      after = { ...dumped, ...live, notes: [...dumped.notes, ...live.notes] };
    } else after = await read('after', options.after, options.operations?.[1]);
    const dumps =
      before.diagnosis && after.diagnosis
        ? verifyDiagnoses(
            { diagnosis: before.diagnosis, operations: options.operations?.[0] ?? null },
            { diagnosis: after.diagnosis, operations: options.operations?.[1] ?? null },
          )
        : null;
    const result = joinVerdicts(compareSeries(before, after, rate, options), dumps);
    const byNumbersOnly =
      dumps === null && result.verdict === 'fixed'
        ? [
            'no dumps of both sides were given: whether another cause grows slowly was judged by the numbers only',
          ]
        : [];
    await answer(
      context,
      { ...result, reasons: [...result.reasons, ...byNumbersOnly] },
      options,
      [before, after],
      progress,
    );
  } finally {
    progress.end();
  }
}

async function answer(
  context: Context,
  result: Verification,
  options: Options,
  sides: readonly Side[],
  progress: Progress,
): Promise<void> {
  const { output } = context;
  const unreadable = sides.flatMap((side) => side.unreadable);
  const notes = [...new Set(sides.flatMap((side) => side.notes))];
  progress.end();
  if (options.case !== undefined) await keepResult(options.case, result, result.summary);
  output.result(
    options.json
      ? jsonText({ ...result, unreadable, notes })
      : paint(
          [...verifyLines(result, output.width), ...unreadableLines(unreadable, notes, output.width)],
          output.colours,
        ),
  );
  context.exitCode = EXIT_OF_VERDICT[result.verdict];
}

function checkUsage(target: string | undefined, options: Options): void {
  const hint =
    'stanch verify --before <evidence…> --after <evidence…>, or stanch verify <pid> --for 15m --before …';
  if (options.before === undefined && options.case === undefined && options.rate === undefined)
    throw new UsageError('there is nothing to compare with: --before, --case or --rate', hint);
  if (target === undefined && options.after === undefined && options.deployed === undefined)
    throw new UsageError('what is after the fix: --after, --deployed, or a target to watch', hint);
  if (options.deployed !== undefined && (target !== undefined || options.after !== undefined))
    throw new UsageError('--deployed divides what --before names: there is no other after', hint);
  if (target !== undefined && isCase(target))
    throw new UsageError(
      `${target} is a case, not a process: what shall be watched?`,
      `stanch verify <pid|url> --case ${target}, or --after …`,
    );
  if (target === undefined && options.for !== undefined)
    throw new UsageError('--for is how long a target is watched, and none was given', hint);
  if (options.deployed !== undefined && options.before === undefined)
    throw new UsageError('--deployed divides what --before names', hint);
}

/** What a case knows beyond what was given; that it knows nothing matters only where nothing was given. */
async function ofCase(folder: string, given: Side): Promise<SideOfCase> {
  try {
    const { series, rate, ...known } = await sideOfCase(folder, 'before');
    // Numbers that were given are not mixed with others.
    return given.series.length > 0 ? { ...known, series: [], rate: null } : { ...known, series, rate };
  } catch (error) {
    const hasGiven = given.series.length > 0 || given.diagnosis !== null;
    if (error instanceof UsageError && error.code !== 'no-case' && hasGiven) return NOTHING;
    throw error;
  }
}

function told(rate: number | undefined): KnownRate | null {
  if (rate === undefined) return null;
  return { ratePerHour: { value: rate, low: rate, high: rate }, unit: 'bytes', source: '--rate' };
}

function joined(one: SideOfCase, other: SideOfCase): SideOfCase {
  return {
    series: [...one.series, ...other.series],
    events: [...one.events, ...other.events],
    diagnosis: one.diagnosis ?? other.diagnosis,
    unreadable: [...one.unreadable, ...other.unreadable],
    notes: [...one.notes, ...other.notes],
    rate: one.rate ?? other.rate,
  };
}

/** Null when the time is long enough, as far as the noise before the fix tells. */
function tooShort(before: Side, forMs: number, options: Options): Verification | null {
  if (before.series.length === 0) return null;
  const [side] = sidesOf(before.series, {
    metric: options.metric,
    limit: options.limit,
    events: before.events,
  });
  const needed = side ? neededHours(side, comparing(options)) : null;
  if (needed === null || forMs / HOUR_MS >= needed) return null;
  const missing = `needs about ${hours(needed)} behind the warm-up to be sure, with the noise that there was before; --for ${hours(forMs / HOUR_MS)} is too short (--anyway watches nevertheless)`;
  return { ...joinVerdicts(null, null), summary: `Not enough data: ${missing}`, missing: [missing] };
}

/** Every process after the fix against the worst before it; the worst answer counts. */
function compareSeries(
  before: Side,
  after: Side,
  known: KnownRate | null,
  options: Options,
): SeriesVerification | null {
  if (after.series.length === 0 || (before.series.length === 0 && known === null)) return null;
  const { limit } = options;
  const [was] =
    before.series.length > 0
      ? sidesOf(before.series, {
          metric: options.metric,
          limit,
          events: before.events,
          operations: options.operations?.[0],
        })
      : [];
  const metric = was ? (metricLike(was.memory, after.series) ?? options.metric) : options.metric;
  const sides: SeriesSide[] = sidesOf(after.series, {
    metric,
    limit,
    events: after.events,
    operations: options.operations?.[1],
  });
  const all = sides.map((side) => verifySeries(was ?? known!, side, comparing(options)));
  return all.toSorted((a, b) => WORST.indexOf(a.verdict) - WORST.indexOf(b.verdict))[0] ?? null;
}

function comparing({ tolerance, least }: Options): { tolerance?: number; leastHours?: number } {
  return {
    ...(tolerance === undefined ? {} : { tolerance }),
    ...(least === undefined ? {} : { leastHours: least / HOUR_MS }),
  };
}

function cut(series: readonly Series[], fromMs: number, toMs: number): Series[] {
  return series.map((each) => sliceSeries(each, fromMs, toMs)).filter(({ times }) => times.length > 0);
}

const duration = durationIn(['s', 'm', 'h', 'd'], '90s, 15m or 2h');

function time(text: string): number {
  const atMs = parseTimeMs(text);
  if (Number.isNaN(atMs)) throw new InvalidArgumentError('It must be a time, as 2024-01-21T10:00:00Z.');
  return atMs;
}

function size(text: string): number {
  const bytes = parseSizeBytes(text);
  if (bytes === null || bytes <= 0) throw new InvalidArgumentError('It must be a size, as 512MiB or 52MB.');
  return bytes;
}

function share(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text.trim());
  const value = match ? Number(match[1]) / (match[2] === '%' ? 100 : 1) : Number.NaN;
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('It must be a share below 1, as 10% or 0.1.');
  return value;
}

function pair(text: string): readonly [number, number] {
  const numbers = text.split(',').map((each) => Number(each.replaceAll('_', '')));
  const [before, after] = numbers;
  if (numbers.length !== 2 || !(before! > 0) || !(after! >= 0))
    throw new InvalidArgumentError('It must be two counts, as 800,800.');
  return [before!, after!];
}
