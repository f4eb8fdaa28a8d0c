import type { Command } from '@commander-js/extra-typings';
import { InvalidArgumentError } from 'commander';
import { EXIT, StanchError, UsageError } from '../../base/errors.ts';
import { confirmSet } from '../../confirm/confirm-set.ts';
import { correlatesOf, ledgersOf } from '../../confirm/correlates.ts';
import { parseDeploys } from '../../confirm/deploys.ts';
import type { EventStream } from '../../model/event-stream.ts';
import type { Verdict } from '../../model/finding.ts';
import { parseTimeMs } from '../../model/sample-time.ts';
import type { Series } from '../../model/series.ts';
import { parseSizeBytes } from '../../model/series-unit.ts';
import type { UnreadableEvidence } from '../../sources/evidence.ts';
import type { HttpAccess } from '../../sources/prometheus/http-request.ts';
import { readSeries, readText } from '../../sources/series/read-series.ts';
import type { Context } from '../context.ts';
import { durationIn } from '../duration.ts';
import { newCommand } from '../new-command.ts';
import { Progress } from '../progress.ts';
import { confirmLines } from '../render/confirm.ts';
import { jsonText } from '../render/json.ts';
import { paint } from '../render/text.ts';

const EXIT_OF_VERDICT: Readonly<Record<Verdict, number>> = {
  leak: EXIT.leak,
  'no-leak': EXIT.clean,
  inconclusive: EXIT.notEnough,
};

/** `stanch confirm`: is it a leak, how fast, until when, since when. */
export function confirmCommand(context: Context): Command {
  const { output } = context;
  const command = newCommand('confirm', context, [
    ['stanch confirm memory.csv --limit 2GiB', 'a table: time, memory, and whatever else there is'],
    ['stanch confirm memory.csv --deploys deploys.txt', 'matches the onset with deploys'],
    [
      `stanch confirm http://prometheus:9090 --metric 'container_memory_working_set_bytes{pod=~"api-.*"}'`,
      'every pod of a service, worst first',
    ],
    ['stanch confirm 4711 --for 15m', 'watches a process of this machine'],
  ])
    .description('say whether memory leaks, how fast, until when and since when')
    .argument(
      '<series...>',
      'tables, OpenMetrics text, JSON lines, plain, .gz or .zst; addresses of Prometheus-like servers; pids; - is standard input',
    )
    .option(
      '--metric <name>',
      'the column, metric or PromQL selector; the first that says memory when absent',
    )
    .option('--limit <size>', 'where it ends, as 512MiB, 2Gi, 1.5GB', size)
    .option('--since <time>', 'leave out what is before: a date, or as 6h, 3d before the end')
    .option('--deploys <file>', 'deploys and restarts: a time and a text on each line')
    .option('--for <duration>', 'how long to watch processes (1m)', duration)
    .option('--ca <file>', 'certificate authority to trust, PEM')
    .option('--tenant <id>', 'X-Scope-OrgID for Mimir and Cortex')
    .option('--json', 'one JSON document on standard output')
    .action(async (names, { json, ...options }) => {
      const progress = new Progress(output);
      const now = Date.now();
      const live = names.some((name) => /^https?:/i.test(name));
      const given = options.since === undefined ? undefined : sinceOf(options.since);
      const series: Series[] = [];
      const events: EventStream[] = [];
      const unreadable: UnreadableEvidence[] = [];
      const notes: string[] = [];
      const failures: StanchError[] = [];
      for (const name of names) {
        try {
          const set = await readSeries(name, {
            stdin: output.stdin,
            metric: options.metric,
            sinceMs:
              given === undefined
                ? undefined
                : 'atMs' in given
                  ? given.atMs
                  : live
                    ? now - given.agoMs
                    : undefined,
            forMs: options.for,
            access: accessOf(options, process.env),
            nowMs: now,
            onProgress: progress.report,
          });
          series.push(...set.series);
          events.push(...set.events);
          notes.push(...set.notes);
        } catch (error) {
          if (!(error instanceof StanchError)) throw error;
          failures.push(error);
          unreadable.push({ file: name, reason: error.message.replace(`${name}: `, '') });
        } finally {
          progress.end();
        }
      }
      if (series.length === 0) throw failures[0] ?? nothing();
      if (options.deploys !== undefined)
        events.push(parseDeploys(readText(options.deploys), options.deploys));
      const end = series.reduce((latest, { times }) => Math.max(latest, times.at(-1) ?? 0), 0);
      const results = confirmSet(series, {
        metric: live ? chosenOnServer(options.metric, series) : options.metric,
        limit: options.limit,
        sinceMs: given === undefined ? undefined : 'atMs' in given ? given.atMs : end - given.agoMs,
        events,
      }).map((each) => ({
        ...each,
        correlates: correlatesOf(each, series),
        ledgers: ledgersOf(each, series),
      }));
      const [worst, ...others] = results;
      if (!worst) throw nothing();
      output.result(
        json
          ? jsonText({ ...worst, others: others.map(({ floor: _, ...rest }) => rest), unreadable, notes })
          : paint(confirmLines(results, { unreadable, notes }, output.width), output.colours),
      );
      context.exitCode = EXIT_OF_VERDICT[worst.verdict];
    });
  return command as unknown as Command;
}

/** A server has chosen by labels already; what is left is the name under which its answer stands. */
function chosenOnServer(metric: string | undefined, series: readonly Series[]): string | undefined {
  const name = metric?.split('{')[0];
  return series.some((each) => each.name === metric)
    ? metric
    : series.some((each) => each.name === name)
      ? name
      : undefined;
}

/** Credentials come from the environment: command lines can be read by everybody on the machine. */
function accessOf(
  options: { ca?: string | undefined; tenant?: string | undefined },
  env: Readonly<Record<string, string | undefined>>,
): HttpAccess {
  const [user, ...password] = (env['STANCH_USER'] ?? '').split(':');
  return {
    ...(user ? { basic: { user, password: password.join(':') } } : {}),
    ...(env['STANCH_BEARER'] ? { bearer: env['STANCH_BEARER'] } : {}),
    ...(options.tenant === undefined ? {} : { tenant: options.tenant }),
    ...(options.ca === undefined ? {} : { ca: readText(options.ca) }),
  };
}

function size(text: string): number {
  const bytes = parseSizeBytes(text);
  if (bytes === null || bytes <= 0) throw new InvalidArgumentError('It must be a size, as 512MiB or 2Gi.');
  return bytes;
}

const duration = durationIn(['s', 'm', 'h', 'd', 'w'], '90s, 15m or 2h');

function sinceOf(text: string): { atMs: number } | { agoMs: number } {
  if (/^\d+(\.\d+)?[smhdw]$/.test(text.trim())) return { agoMs: duration(text) };
  const atMs = parseTimeMs(text);
  if (Number.isNaN(atMs))
    throw new UsageError(
      `--since: '${text}' is no time`,
      'write 2024-01-21T00:00:00Z, or 6h for the last six hours',
    );
  return { atMs };
}

function nothing(): StanchError {
  return new StanchError('there are no numbers in what was given', {
    code: 'no-evidence',
    exitCode: EXIT.unreadable,
  });
}
