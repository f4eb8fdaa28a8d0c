import { formatBytes } from '../../base/units.ts';
import { hours } from '../../confirm/words.ts';
import type { TimelineRecord } from '../../model/case.ts';
import { heaviestWorker, weightBytes } from '../../sources/processes/process-tree.ts';
import { latestGroup } from '../captured-series.ts';
import { done, open, type Runbook, type Step, type StepState, word } from './step.ts';

/** Three moments tell growth from a warm-up. */
const MOMENTS = 3;
/** With more time than this nothing needs to be restarted before the fix. */
const URGENT_HOURS = 24;

/** In the order of the way. */
export const STEPS: readonly Step[] = [
  { id: 'confirm', title: 'Is it a leak?', look: confirm },
  { id: 'locate', title: 'Which process?', look: locate },
  { id: 'capture', title: 'Take evidence', look: capture },
  { id: 'diagnose', title: 'Name the cause', look: diagnose },
  { id: 'mitigate', title: 'Win time', look: mitigate },
  { id: 'verify', title: 'Prove the fix', look: verify },
  { id: 'report', title: 'Hand over', look: report },
  { id: 'close', title: 'Close the case', look: close },
];

function confirm({ folder, contents, target }: Runbook): StepState {
  const { confirmations, settings, view } = contents;
  const dir = word(folder);
  const limit = settings['limit'] ? ` --limit ${word(settings['limit'])}` : '';
  const series = view.evidence.some(({ kind }) => kind === 'series');
  const source =
    settings['metrics'] ??
    (target && target.state !== 'gone'
      ? `${word(target.what)} --for 15m`
      : '<memory.csv, Prometheus address or pid>');
  const command = {
    command: `stanch confirm ${settings['metrics'] ? word(source) : source}${limit} --case ${dir}`,
    why: 'says whether it leaks, how fast and until when',
  };
  const last = confirmations.at(-1)?.confirmation;
  const leak = confirmations.findLast(({ confirmation }) => confirmation.verdict === 'leak')?.confirmation;
  const records = recordsOf(contents.view.timeline, 'stanch/confirm@1');
  if (leak) {
    const left = leak.timeToLimit ? `, ${hours(leak.timeToLimit.hours)} to the limit` : '';
    return done(`${leak.metric} leaks (${leak.shape ?? 'growth'})${left}`, records);
  }
  if (last?.verdict === 'no-leak')
    return done(`${last.metric} does not leak (${last.shape ?? 'level'})`, records);
  if (last) return open('it cannot be told yet', [command], { missing: last.missing, records });
  if (series)
    return open('the series of the evidence do not say by their names that they are memory', [command]);
  return open('no memory over time is in the case', [command]);
}

function locate({ folder, contents, target, groups, processes, runtime }: Runbook): StepState {
  if (target && target.state !== 'gone') return done(`${target.what}, ${target.from}`);
  const dumps = latestGroup(groups);
  if (dumps && dumps.moments >= MOMENTS)
    return { ...done('the dumps in the case say it: no process is needed any more'), state: 'not-needed' };
  const candidates = candidatesOf(processes ?? [], runtime);
  const service = contents.settings['service'];
  return open(target ? `process ${target.what} is gone` : 'no process is known', [
    ...candidates.map(({ pid, role, bytes }) => ({
      command: `stanch case set ${word(folder)} target=${pid}`,
      why: `${role}, ${formatBytes(bytes)}`,
    })),
    {
      command: `stanch top${service ? ` --match ${word(service)}` : ''}`,
      why: 'processes by memory, workers below their masters',
    },
  ]);
}

function capture(runbook: Runbook): StepState {
  const { folder, groups, target, contents } = runbook;
  const group = latestGroup(groups);
  const dir = word(folder);
  const records = contents.view.timeline
    .filter(({ evidence = [] }) =>
      evidence.some(({ name }) => group?.evidence.some((each) => each.name === name)),
    )
    .map(({ seq }) => seq);
  if (group && group.moments >= MOMENTS) return done(`${group.moments} moments of one process`, records);
  const what = target?.state === 'gone' ? '<pid>' : (target?.what ?? '<pid or address>');
  const more = MOMENTS - (group?.moments ?? 0);
  const command = {
    command: `stanch capture ${word(what)} --count ${more} --every 10m -o ${dir}`,
    why: group
      ? `${more} more: three moments tell growth from a warm-up`
      : 'three moments of one process, with a pre-flight that says what they cost',
  };
  const goneNote =
    target?.state === 'gone' ? `; process ${target.what} is gone, captures of the next one begin anew` : '';
  if (!group) return open(`no dump and no profile is in the case${goneNote}`, [command]);
  return open(`${group.moments} of ${MOMENTS} moments of one process${goneNote}`, [command], { records });
}

function diagnose({ folder, contents, groups }: Runbook): StepState {
  const { diagnoses, settings, view } = contents;
  const dir = word(folder);
  const source = settings['source'] ? ` --source ${word(settings['source'])}` : ' --source <checkout>';
  const command = { command: `stanch diagnose ${dir}${source}`, why: 'names the causes, with file and line' };
  const named = diagnoses.findLast(
    ({ diagnosis }) => diagnosis.verdict === 'leak' && diagnosis.findings.length > 0,
  );
  const last = diagnoses.at(-1);
  const newer =
    last &&
    view.timeline.some(
      ({ seq, kind, evidence = [] }) => kind === 'capture' && evidence.length > 0 && seq > last.record.seq,
    );
  if (named) {
    const [first] = named.diagnosis.findings;
    const places = named.diagnosis.findings.some(({ location }) => location !== null);
    const says = `${named.diagnosis.findings.length === 1 ? '1 cause' : `${named.diagnosis.findings.length} causes`}, first: ${first!.title}`;
    return {
      ...done(says, [named.record.seq]),
      missing: places ? [] : [`no file and line: ${command.command}`],
    };
  }
  if (!last)
    return open(groups.length === 0 ? 'waits for evidence' : 'the evidence was not looked at yet', [command]);
  if (newer)
    return open('captures are newer than the last diagnosis', [command], { records: [last.record.seq] });
  if (last.diagnosis.verdict === 'no-leak')
    return done(`no leak in the dumps: ${last.diagnosis.summary}`, [last.record.seq]);
  return open(
    `it cannot be told yet: ${last.diagnosis.summary}`,
    [...last.diagnosis.next.slice(0, 2), command],
    { records: [last.record.seq] },
  );
}

function mitigate({ folder, contents, groups, target }: Runbook): StepState {
  const actions = contents.view.timeline.filter(
    ({ kind, facts }) => kind === 'action' && facts?.['phase'] !== 'intent',
  );
  if (actions.length > 0)
    return done(
      `${actions.at(-1)!.text}`,
      actions.map(({ seq }) => seq),
    );
  const left = hoursLeft(contents);
  const verdicts = [
    ...contents.confirmations.map(({ confirmation }) => confirmation.verdict),
    ...contents.diagnoses.map(({ diagnosis }) => diagnosis.verdict),
  ];
  if (verdicts.includes('no-leak') && !verdicts.includes('leak'))
    return { ...done('nothing leaks'), state: 'not-needed' };
  if (left !== null && left > URGENT_HOURS)
    return {
      ...done(`${hours(left)} to the limit: nothing needs to be restarted before the fix`),
      state: 'not-needed',
    };
  const what = target === null || target.state === 'gone' ? '<pid>' : word(target.what);
  const command = {
    command: `stanch mitigate ${what} restart --case ${word(folder)}`,
    why: 'shows the plan for a graceful restart and acts only with --yes; evidence comes first',
  };
  const urgent =
    left === null ? 'how long there is to the limit is not known' : `${hours(left)} to the limit`;
  return open(
    groups.length === 0 ? `${urgent}; a restart would destroy the evidence: capture first` : urgent,
    [command],
  );
}

function verify({ folder, contents, target }: Runbook): StepState {
  const kept = contents.results.filter(({ result }) => result.schema === 'stanch/verify@1');
  const last = kept.at(-1);
  const what = target === null || target.state === 'gone' ? '<pid of the fixed build>' : word(target.what);
  const command = {
    command: `stanch verify ${what} --for 2h --case ${word(folder)}`,
    why: 'on the fixed build, under the same load; it refuses a time that is too short to be sure',
  };
  if (!last) return open('no fix was proven yet', [command]);
  const { verdict, summary } = last.result;
  if (verdict === 'fixed') return done(summary, [last.record.seq]);
  const document = last.document as { missing?: readonly string[] } | null;
  return open(summary, [command], { missing: document?.missing ?? [], records: [last.record.seq] });
}

function report({ folder, contents }: Runbook): StepState {
  const { timeline } = contents.view;
  const written = timeline.filter(({ facts }) => facts?.['report'] !== undefined);
  const last = maximum(written.map(({ seq }) => seq));
  const newest = maximum(
    timeline.filter(({ kind }) => kind === 'findings' || kind === 'result').map(({ seq }) => seq),
  );
  const command = {
    command: `stanch report ${word(folder)} -o report.html`,
    why: 'the incident document, with what is missing named',
  };
  if (last === 0) return open('no report was written', [command]);
  if (newest > last) return open('results are newer than the last report', [command], { records: [last] });
  return done(written.at(-1)!.text, [last]);
}

function close({ folder, contents }: Runbook): StepState {
  const { state, verdict, timeline } = contents.view;
  if (state === 'closed')
    return done(
      `closed: ${verdict ?? 'no verdict'}`,
      timeline.filter(({ kind }) => kind === 'closed').map(({ seq }) => seq),
    );
  const fixed =
    contents.results.findLast(({ result }) => result.schema === 'stanch/verify@1')?.result.verdict ===
    'fixed';
  const noLeak =
    contents.confirmations.length > 0 &&
    contents.confirmations.every(({ confirmation }) => confirmation.verdict === 'no-leak');
  const how = fixed ? 'fixed' : noLeak ? 'no-leak' : 'mitigated';
  return open('open', [
    { command: `stanch case close ${word(folder)} --verdict ${how}`, why: `the evidence says: ${how}` },
  ]);
}

/** Time to the limit; null when not known. */
export function hoursLeft({ confirmations }: Runbook['contents']): number | null {
  const leak = confirmations.findLast(({ confirmation }) => confirmation.verdict === 'leak')?.confirmation;
  return leak?.timeToLimit?.hours ?? null;
}

function recordsOf(timeline: readonly TimelineRecord[], schema: string): number[] {
  return timeline.filter(({ result }) => result?.schema === schema).map(({ seq }) => seq);
}

function maximum(numbers: readonly number[]): number {
  return Math.max(0, ...numbers);
}

const CANDIDATES = 3;

/** The heaviest processes of the runtime that are no masters. */
function candidatesOf(
  processes: NonNullable<Runbook['processes']>,
  runtime: Runbook['runtime'],
): { pid: number; role: string; bytes: number }[] {
  const own = process.pid;
  return processes
    .filter(
      (each) => each.pid !== own && each.runtime !== null && (runtime === null || each.runtime === runtime),
    )
    .map((each) => (each.master ? heaviestWorker(each, processes) : each))
    .filter((each) => each !== null)
    .filter((each, at, all) => all.findIndex(({ pid }) => pid === each.pid) === at)
    .sort((a, b) => weightBytes(b) - weightBytes(a))
    .slice(0, CANDIDATES)
    .map((each) => ({ pid: each.pid, role: each.role, bytes: weightBytes(each) }));
}
