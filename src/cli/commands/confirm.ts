import type { Command } from '@commander-js/extra-typings';
import { InvalidArgumentError } from 'commander';
import { EXIT, StanchError, UsageError } from '../../base/errors.ts';
import { readCase } from '../../casework/case-folder.ts';
import { keepConfirmation } from '../../casework/keep-confirmation.ts';
import { parseDeploys } from '../../confirm/deploys.ts';
import type { Verdict } from '../../model/finding.ts';
import { parseTimeMs } from '../../model/sample-time.ts';
import { parseSizeBytes } from '../../model/series-unit.ts';
import type { HttpAccess } from '../../sources/prometheus/http-request.ts';
import { readText } from '../../sources/series/read-series.ts';
import { judgeAll } from '../confirm/judged.ts';
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
    [
      `stanch confirm http://prometheus:9090 --promql 'sum by (pod) (container_memory_rss{job="api"})'`,
      'any expression',
    ],
    ['stanch confirm incident.md', 'the tables of an incident text'],
    ['stanch confirm 4711 --for 15m', 'watches a process of this machine'],
    ['stanch confirm api --for 15m', 'watches the container of that name'],
  ])
    .description('say whether memory leaks, how fast, until when and since when')
    .argument(
      '<series...>',
      'tables, OpenMetrics text, JSON lines, plain, .gz or .zst; incident texts; addresses of Prometheus-like servers; pids; containers by name; - is standard input',
    )
    .option(
      '--metric <name>',
      'the column, metric or PromQL selector; the first that says memory when absent',
    )
    .option('--selector <selector>', 'on servers: a series selector, asked for as raw samples')
    .option('--promql <expression>', 'on servers: any PromQL, asked for at even steps')
    .option('--limit <size>', 'where it ends, as 512MiB, 2Gi, 1.5GB', size)
    .option('--since <time>', 'leave out what is before: a date, or as 6h, 3d before the end')
    .option('--deploys <file>', 'deploys and restarts: a time and a text on each line')
    .option('--for <duration>', 'how long to watch processes (1m)', duration)
    .option(
      '--least <duration>',
      'less than this clears nobody, and accuses only where memory doubles (10m)',
      duration,
    )
    .option('--ca <file>', 'certificate authority to trust, PEM')
    .option('--tenant <id>', 'X-Scope-OrgID for Mimir and Cortex')
    .option('--case <dir>', 'keep the answer in this case')
    .option('--json', 'one JSON document on standard output')
    .action(async (names, { json, ...options }) => {
      // Known before an hour of watching, not after it.
      if (options.case !== undefined) await readCase(options.case);
      const progress = new Progress(output);
      const now = Date.now();
      const given = options.since === undefined ? undefined : sinceOf(options.since);
      if (options.promql !== undefined && options.selector !== undefined)
        throw new UsageError('--promql and --selector exclude each other', 'a selector is PromQL, too');
      const deploys = options.deploys;
      const judged = await judgeAll(names, {
        stdin: output.stdin,
        metric: options.metric,
        promql: options.promql,
        selector: options.selector,
        since: given,
        forMs: options.for,
        access: accessOf(options, process.env),
        nowMs: now,
        limit: options.limit,
        leastMs: options.least,
        events: deploys === undefined ? [] : [parseDeploys(readText(deploys), deploys)],
        onProgress: progress.report,
      }).finally(() => progress.end());
      const { results, series, unreadable, notes, failures } = judged;
      if (results.length === 0) throw failures[0] ?? nothing();
      const [worst, ...others] = results;
      if (!worst) throw nothing();
      const document = { ...worst, others: others.map(({ floor: _, ...rest }) => rest), unreadable, notes };
      if (options.case !== undefined)
        await keepConfirmation(options.case, document, series, options.limit ?? null);
      output.result(
        json
          ? jsonText(document)
          : paint(confirmLines(results, { unreadable, notes }, output.width), output.colours),
      );
      context.exitCode = EXIT_OF_VERDICT[worst.verdict];
    });
  return command as unknown as Command;
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
