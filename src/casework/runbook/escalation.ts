import { formatBytes } from '../../base/units.ts';
import { hours } from '../../confirm/words.ts';
import { parseSizeBytes } from '../../model/series-unit.ts';
import { weightBytes } from '../../sources/processes/process-tree.ts';
import { durationMs } from '../settings.ts';
import { type Runbook, word } from './step.ts';

/** Under which help is called. `watched`: not reached yet · `unknown`: nothing in the case or on this machine tells. */
export interface Condition {
  /** Its setting: `stanch case set <dir> <id>=…`. */
  readonly id: string;
  readonly title: string;
  readonly threshold: string;
  readonly state: 'reached' | 'watched' | 'unknown';
  readonly says: string;
}

export interface Escalation {
  readonly reached: boolean;
  readonly conditions: readonly Condition[];
  /** The redacted case, for who is called. */
  readonly bundle: string;
  /** What it should hold, and what is not in it yet. */
  readonly checklist: readonly {
    readonly what: string;
    readonly there: boolean;
    readonly command: string | null;
  }[];
}

/** Where the case sets nothing: those of the Rails flight checklist. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'escalate.memoryPerWorker': '4GB',
  'escalate.workers': '2',
  'escalate.restarts': '3',
  'escalate.withoutCause': '2h',
};

export function escalationOf(runbook: Runbook): Escalation {
  const conditions = [
    memoryPerWorker(runbook),
    workersAtOnce(runbook),
    restarts(runbook),
    withoutCause(runbook),
  ];
  return {
    reached: conditions.some(({ state }) => state === 'reached'),
    conditions,
    bundle: `stanch case zip ${word(runbook.folder)} -o escalation.zip --mask-hosts`,
    checklist: checklistOf(runbook),
  };
}

type Look = Pick<Condition, 'state' | 'says'>;

function setting({ contents }: Runbook, id: string): string {
  return contents.settings[id] ?? DEFAULTS[id] ?? '';
}

function condition(
  runbook: Runbook,
  id: string,
  title: string,
  look: (threshold: string) => Look,
): Condition {
  const threshold = setting(runbook, id);
  return { id, title, threshold, ...look(threshold) };
}

function memoryPerWorker(runbook: Runbook): Condition {
  return condition(runbook, 'escalate.memoryPerWorker', 'memory of one worker', (threshold) => {
    const most = parseSizeBytes(threshold) ?? Number.POSITIVE_INFINITY;
    const now = workersNow(runbook).map((each) => ({
      what: `process ${each.pid} (${each.role})`,
      bytes: weightBytes(each),
    }));
    const seen = runbook.contents.confirmations.flatMap(
      ({ confirmation: { metric, unit, samples, labels } }) => {
        const last = samples?.values.at(-1);
        const who = labels['pod'] ?? labels['instance'] ?? labels['pid'] ?? metric;
        return unit !== 'bytes' || last === undefined ? [] : [{ what: who, bytes: last }];
      },
    );
    const [worst] = [...now, ...(now.length > 0 ? [] : seen.slice(-1))].sort((a, b) => b.bytes - a.bytes);
    if (!worst) return { state: 'unknown', says: 'its process is not seen from here, and no series tells' };
    const says = `${worst.what} has ${formatBytes(worst.bytes)}`;
    return { state: worst.bytes > most ? 'reached' : 'watched', says };
  });
}

function workersAtOnce(runbook: Runbook): Condition {
  return condition(runbook, 'escalate.workers', 'workers that grow at once', (threshold) => {
    const last = runbook.contents.confirmations.at(-1)?.confirmation;
    if (!last) return { state: 'unknown', says: 'no series was judged' };
    const leaking = [last, ...(last.others ?? [])].filter(({ verdict }) => verdict === 'leak').length;
    const of = 1 + (last.others?.length ?? 0);
    return {
      state: leaking >= Number(threshold) ? 'reached' : 'watched',
      says: `${leaking} of ${of} series ${leaking === 1 ? 'leaks' : 'leak'}`,
    };
  });
}

function restarts(runbook: Runbook): Condition {
  return condition(runbook, 'escalate.restarts', 'restarts that users notice', (threshold) => {
    const { confirmations, view } = runbook.contents;
    const impact = view.timeline.filter(({ kind }) => kind === 'impact');
    if (impact.length > 0) return { state: 'reached', says: `users notice: ${impact.at(-1)!.text}` };
    const last = confirmations.at(-1)?.confirmation;
    if (!last) return { state: 'unknown', says: 'no series was judged, and nobody wrote down an impact' };
    const count = last.restarts.length;
    return {
      state: count >= Number(threshold) ? 'reached' : 'watched',
      says: `${count} restarts in the series, no impact written down`,
    };
  });
}

function withoutCause(runbook: Runbook): Condition {
  return condition(runbook, 'escalate.withoutCause', 'time without a cause', (threshold) => {
    const { contents, nowMs } = runbook;
    const named = contents.diagnoses.some(
      ({ diagnosis }) => diagnosis.verdict === 'leak' && diagnosis.findings.length > 0,
    );
    if (named) return { state: 'watched', says: 'a cause is named' };
    if (contents.view.state === 'closed') return { state: 'watched', says: 'the case is closed' };
    const begun = Date.parse(contents.view.createdAt);
    const passedMs = nowMs - begun;
    const says = `${hours(passedMs / 3_600_000)} since the case was opened`;
    return {
      state: passedMs > (durationMs(threshold) ?? Number.POSITIVE_INFINITY) ? 'reached' : 'watched',
      says,
    };
  });
}

/** The process that was captured from with its siblings, as they are now. */
function workersNow({ processes, target }: Runbook): NonNullable<Runbook['processes']> {
  const own = processes?.find(({ pid }) => target?.state === 'alive' && String(pid) === target.what);
  if (!own || !processes) return [];
  return processes.filter(
    (each) =>
      each.pid === own.pid ||
      (own.ppid > 1 && each.ppid === own.ppid && each.runtime === own.runtime && !each.master),
  );
}

function checklistOf({ contents, folder, groups }: Runbook): Escalation['checklist'] {
  const { view, confirmations, diagnoses } = contents;
  const dir = word(folder);
  const has = (kind: string): boolean => view.timeline.some((each) => each.kind === kind);
  const item = (what: string, there: boolean, command: string): Escalation['checklist'][number] => ({
    what,
    there,
    command: there ? null : command,
  });
  return [
    item(
      'dumps or profiles, by hash',
      groups.length > 0,
      `stanch capture <pid> --count 3 --every 10m -o ${dir}`,
    ),
    item(
      'since when it leaks',
      confirmations.some(({ confirmation }) => confirmation.onset !== null),
      `stanch confirm <series> --case ${dir}`,
    ),
    item('recent deploys', has('deploy'), `stanch case deploys ${dir} <checkout>`),
    item(
      'logs',
      view.evidence.some(({ kind }) => kind === 'log'),
      `stanch case add ${dir} <app.log>`,
    ),
    item('a diagnosis', diagnoses.length > 0, `stanch diagnose ${dir}`),
    item('what users notice', has('impact'), `stanch case log ${dir} "<text>" --kind impact`),
  ];
}
