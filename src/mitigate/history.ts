import type { TimelineRecord } from '../model/case.ts';
import { type ActFacts, type Gate, note, type Outcome, pass, refuse } from './plan.ts';

/** One act as a case's timeline tells it. */
export interface PastAct {
  readonly id: string;
  readonly act: string;
  /** Key of the service that was acted on. */
  readonly tree: string;
  readonly atMs: number;
  /** Null when nothing was written afterwards: whoever did it was ended in the middle. */
  readonly outcome: Outcome['state'] | 'settled' | null;
  readonly says: string;
  /** Who was told to end, as `pid:startTicks`; empty for containers. */
  readonly processes: readonly string[];
}

/** How often is too often, and what counts as recent. */
export interface Limits {
  readonly coolDownMs: number;
  readonly mostPerHour: number;
}

const HOUR_MS = 3_600_000;

/** Facts of the record that is written before an act. */
export function intentFacts(
  id: string,
  what: { act: string; tree: string; processes?: readonly string[]; more?: ActFacts },
): ActFacts {
  const { act, tree, processes = [], more = {} } = what;
  return { mitigation: id, phase: 'intent', act, tree, processes: processes.join(' '), ...more };
}

/** Facts of the record that is written after it. */
export function outcomeFacts(id: string, act: string, tree: string, outcome: Outcome): ActFacts {
  const { state, oldPids, newPids, memoryBeforeBytes, memoryAfterBytes, checks, elapsedMs } = outcome;
  return {
    mitigation: id,
    phase: 'outcome',
    act,
    tree,
    outcome: state,
    oldPids: oldPids.join(' '),
    newPids: newPids.join(' '),
    ...(memoryBeforeBytes === null ? {} : { memoryBeforeBytes: String(memoryBeforeBytes) }),
    ...(memoryAfterBytes === null ? {} : { memoryAfterBytes: String(memoryAfterBytes) }),
    ...(checks === null ? {} : { checksAsked: String(checks.asked), checksFailed: String(checks.failed) }),
    elapsedMs: String(Math.round(elapsedMs)),
  };
}

/** The acts on a timeline, oldest first. Records of other kinds, and of acts by hand, are passed over. */
export function pastActs(records: readonly TimelineRecord[]): PastAct[] {
  const acts = new Map<string, PastAct>();
  for (const { kind, at, text, facts = {} } of [...records].sort((a, b) => a.seq - b.seq)) {
    const id = facts['mitigation'];
    if (kind !== 'action' || id === undefined) continue;
    if (facts['phase'] === 'intent') {
      acts.set(id, {
        id,
        act: facts['act'] ?? '',
        tree: facts['tree'] ?? '',
        atMs: Date.parse(at),
        outcome: null,
        says: text,
        processes: (facts['processes'] ?? '').split(' ').filter((each) => each !== ''),
      });
      continue;
    }
    const act = acts.get(id);
    const outcome = outcomeOf(facts['outcome']);
    if (facts['phase'] === 'outcome' && act && outcome) acts.set(id, { ...act, outcome, says: text });
  }
  return [...acts.values()];
}

/** Times at which somebody closed the breaker by hand, with a reason. */
export function closedAtMs(records: readonly TimelineRecord[], tree: string): number {
  return Math.max(
    Number.NEGATIVE_INFINITY,
    ...records
      .filter(({ facts }) => facts?.['phase'] === 'circuit-closed' && facts['tree'] === tree)
      .map(({ at }) => Date.parse(at)),
  );
}

/** The gates that only the past decides. A collection restarts nothing: it is not counted and does not wait. */
export function historyGates(
  acts: readonly PastAct[],
  tree: string,
  nowMs: number,
  { coolDownMs, mostPerHour, closedMs }: Limits & { readonly closedMs: number },
): Gate[] {
  const restarts = acts.filter((act) => act.tree === tree && act.act !== 'gc');
  const last = restarts.at(-1);
  return [coolDownGate(last, nowMs, coolDownMs), circuitGate(restarts, nowMs, mostPerHour, closedMs)];
}

function coolDownGate(last: PastAct | undefined, nowMs: number, coolDownMs: number): Gate {
  if (!last) return pass('cool-down', 'the timeline has no earlier restart of this service');
  const agoMs = nowMs - last.atMs;
  const says = `the last restart was ${secondsText(agoMs)} ago`;
  if (agoMs >= coolDownMs) return pass('cool-down', says);
  return refuse(
    'cool-down',
    `${says}; the next may come ${secondsText(coolDownMs)} after it`,
    `wait ${secondsText(Math.max(1000, coolDownMs - agoMs))}, and see in between whether memory stays down; --every sets the time`,
  );
}

function circuitGate(restarts: readonly PastAct[], nowMs: number, most: number, closedMs: number): Gate {
  const recent = restarts.filter(({ atMs }) => nowMs - atMs < HOUR_MS && atMs > closedMs);
  const bad = recent.findLast(
    ({ outcome }) => outcome !== 'done' && outcome !== 'settled' && outcome !== null,
  );
  const close = 'find out why; --close-circuit "<what was found>" is written on the timeline and closes it';
  if (bad && recent.at(-1) === bad) {
    return refuse(
      'circuit',
      `the circuit is open for an hour: the last restart went wrong (${bad.says})`,
      close,
    );
  }
  if (recent.length >= most) {
    return refuse(
      'circuit',
      `the circuit is open: ${recent.length} restarts within the last hour, ${most} are the most`,
      `restarts do not hold this leak; ${close}`,
    );
  }
  return pass('circuit', `${recent.length} of ${most} restarts within the last hour, none went wrong`);
}

/**
 * Acts whose end was never written down. One whose process still ends is a restart that goes on: a second one at once is refused.
 *
 * @param isThere tells whether a process, as `pid:startTicks`, is there still
 */
export function unfinishedGate(
  acts: readonly PastAct[],
  tree: string,
  isThere: (process: string) => boolean,
): { gate: Gate | null; settle: readonly { act: PastAct; says: string }[] } {
  const open = acts.filter((act) => act.tree === tree && act.outcome === null);
  const ending = open.flatMap(({ processes }) => processes.filter(isThere));
  if (ending.length > 0) {
    const pids = ending.map((each) => each.split(':')[0]).join(', ');
    return {
      gate: refuse(
        'one-at-a-time',
        `an earlier run was stopped in the middle, and process ${pids}, which it told to end or was about to, is still there`,
        `wait until it has ended, or if it never got the signal, write so: --accept one-at-a-time="…"`,
        true,
      ),
      settle: [],
    };
  }
  const settle = open.map((act) => ({
    act,
    says: `no outcome was written of this (whoever did it was stopped): ${act.says}. Seen now: ${
      act.processes.length === 0 ? 'cannot be told' : 'the process is gone'
    }`,
  }));
  const gate =
    settle.length === 0
      ? null
      : note('one-at-a-time', `${settle.length} earlier act without a written outcome; its process is gone`);
  return { gate, settle };
}

function outcomeOf(text: string | undefined): PastAct['outcome'] {
  return text === 'done' ||
    text === 'no-relief' ||
    text === 'failed' ||
    text === 'interrupted' ||
    text === 'settled'
    ? text
    : null;
}

/** `45 s`, `12 min`. */
export function secondsText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
