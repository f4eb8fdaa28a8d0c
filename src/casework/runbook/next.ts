import { DIAGNOSABLE_KINDS, RUNTIME_OF_FORMAT } from '../../model/evidence-kinds.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { listProcesses } from '../../sources/processes/process-list.ts';
import type { Runtime } from '../../sources/processes/recognise.ts';
import { settleIncoming } from '../capture-intake.ts';
import { groupsOf } from '../captured-series.ts';
import { type CaseContents, readContents } from '../case-contents.ts';
import { readCase } from '../case-folder.ts';
import { blobPath } from '../evidence-store.ts';
import { type Escalation, escalationOf } from './escalation.ts';
import { notesOf, type RuntimeNote } from './runtime-notes.ts';
import { type Runbook, type StepId, type StepState, type Target, word } from './step.ts';
import { hoursLeft, STEPS } from './steps.ts';

/** `stanch case next`: how far the case is, what comes next, and whether help is to be called. */
export interface CaseNext {
  readonly schema: 'stanch/case-next@1';
  readonly id: string;
  readonly title: string;
  readonly runtime: Runtime | null;
  readonly target: Target | null;
  readonly steps: readonly (StepState & {
    readonly id: StepId;
    readonly title: string;
    /** Of the runtime's own checklist. */
    readonly notes: readonly RuntimeNote[];
  })[];
  /** Null when all is done. */
  readonly next: StepId | null;
  readonly escalation: Escalation;
  /** Moments of interrupted captures that were taken in just now. */
  readonly settled: number;
}

/** With less than this to the limit time must be won before the cause is looked for, once there is evidence. */
const HURRY_HOURS = 2;
const RUNTIMES: ReadonlySet<string> = new Set(['node', 'go', 'ruby', 'python', 'jvm']);
/** pprof may be of any runtime; what Stanch captures as such is of Go. */
const RUNTIME_OF: Readonly<Record<string, Runtime>> = { ...RUNTIME_OF_FORMAT, pprof: 'go' };

/** Looks at a case and at the processes of this machine, and says what comes next. */
export async function nextOfCase(
  folder: string,
  { nowMs = Date.now() }: { nowMs?: number } = {},
): Promise<CaseNext> {
  await readCase(folder);
  const settled = await settleIncoming(folder);
  const current = await readCase(folder);
  const contents = await readContents(folder);
  const processes = processesHere();
  const runbook: Runbook = {
    folder,
    contents,
    groups: groupsOf(current, ({ kind }) => DIAGNOSABLE_KINDS.has(kind)),
    runtime: runtimeOf(contents),
    target: targetOf(contents, processes),
    processes,
    nowMs,
  };
  return { ...nextOf(runbook), settled: settled.length };
}

/** The same for what is known already. */
function nextOf(runbook: Runbook): Omit<CaseNext, 'settled'> {
  const { contents, runtime, target } = runbook;
  const notes = notesOf(runtime).map((note) => filledIn(note, runbook));
  const steps = STEPS.map(({ id, title, look }) => ({
    id,
    title,
    ...look(runbook),
    notes: notes.filter(({ step }) => step === id),
  }));
  const open = steps.filter(({ state }) => state === 'open').map(({ id }) => id);
  const left = hoursLeft(contents);
  const hurry = left !== null && left < HURRY_HOURS && runbook.groups.length > 0 && open.includes('mitigate');
  const closed = contents.view.state === 'closed';
  return {
    schema: 'stanch/case-next@1',
    id: contents.view.id,
    title: contents.view.title,
    runtime,
    target,
    steps,
    next: closed ? null : hurry ? 'mitigate' : (open[0] ?? null),
    escalation: escalationOf(runbook),
  };
}

function runtimeOf({ settings, diagnoses, view }: CaseContents): Runtime | null {
  const told = [
    settings['runtime'],
    diagnoses.at(-1)?.diagnosis.runtime,
    view.timeline.findLast(({ facts }) => facts?.['runtime'])?.facts?.['runtime'],
    ...view.evidence.map(({ format }) => RUNTIME_OF[format ?? '']),
  ].find((each) => each !== undefined && RUNTIMES.has(each));
  return (told ?? null) as Runtime | null;
}

/** What somebody set, else what was last captured from. */
function targetOf(
  { settings, view }: CaseContents,
  processes: readonly ProcessFacts[] | null,
): Target | null {
  const set = settings['target'];
  const alive = (pid: string): boolean => processes?.some((each) => String(each.pid) === pid) ?? false;
  if (set !== undefined) {
    const state = /^\d+$/.test(set) && processes !== null ? (alive(set) ? 'alive' : 'gone') : 'unknown';
    return { what: set, state, from: 'as it was set' };
  }
  const facts = view.timeline.findLast(
    ({ kind, facts: each }) => kind === 'capture' && each?.['target'],
  )?.facts;
  if (!facts?.['target']) return null;
  const { pid, process: key, target } = facts;
  if (pid === undefined) return { what: target!, state: 'unknown', from: 'as it was captured from' };
  const now = processes?.find((each) => String(each.pid) === pid);
  const same = now !== undefined && (key === pid || key === `${pid}-${now.startTicks}`);
  return {
    what: pid,
    state: processes === null || view.handOver !== null ? 'unknown' : same ? 'alive' : 'gone',
    from: `${facts['role'] ?? 'process'}, as it was captured from`,
  };
}

function processesHere(): ProcessFacts[] | null {
  try {
    return listProcesses();
  } catch {
    return null;
  }
}

function filledIn(note: RuntimeNote, { folder, target, groups }: Runbook): RuntimeNote {
  if (note.command === undefined) return note;
  const last = groups.at(-1)?.evidence.at(-1);
  const command = note.command
    .replaceAll('<case>', () => word(folder))
    .replaceAll('<target>', () => (target && target.state !== 'gone' ? word(target.what) : '<pid>'))
    .replaceAll('<last-dump>', () => (last ? word(`${folder}/${blobPath(last.sha256)}`) : '<dump>'));
  return { ...note, command };
}
