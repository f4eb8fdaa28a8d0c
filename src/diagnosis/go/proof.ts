import { authorOfFrame } from '../../analysis/goroutines/frame-author.ts';
import { formatCount, formatShare } from '../../base/units.ts';
import { CERTAIN, LEAK_CONFIDENCE, SUSPICION } from '../confidence.ts';
import { isUnreadBody } from './http-client.ts';
import { isOpenRows, isOpenTransaction } from './sql-client.ts';
import type { GroupStudy } from './study.ts';
import type { WaitReading } from './wait-code.ts';

/**
 * How far the proof of a leak goes, strongest first: `proven` by the runtime · `always-stuck`: nothing can ever wake it ·
 * `growing-orphans`: more and more that nobody waits for · `growing-survivors`: more and more, the old ones still there ·
 * `growing-counts`: more and more, identities unknown · `many`: one capture.
 */
export type ProofStep =
  | 'proven'
  | 'always-stuck'
  | 'growing-orphans'
  | 'growing-survivors'
  | 'growing-counts'
  | 'many';

export const STEP_NUMBER: Readonly<Record<ProofStep, number>> = {
  proven: 1,
  'always-stuck': 2,
  'growing-orphans': 3,
  'growing-survivors': 4,
  'growing-counts': 4,
  many: 5,
};

export interface Proof {
  readonly step: ProofStep;
  readonly confidence: number;
  readonly reasons: readonly string[];
  readonly against: readonly string[];
  /** Goroutines gained, or there are, that the proof is about. */
  readonly gained: number;
}

/** Orphans above this share are not an accident of the moment (measured: 100 % of a leak, 0 % of a busy server). */
const ORPHAN_SHARE = 0.9;
const SURVIVOR_SHARE = 0.9;
/** The least growth that can be told from chance with two captures, and with more. */
const LEAST_GAIN = 10;
const LEAST_STEADY_GAIN = 4;
/** One capture: a share that no healthy service was seen to have, and a count worth a question. */
const MANY_SHARE = 0.5;
const MANY = 100;

/** Weighs what the captures tell about a group; null when there is nothing to say about it. */
export function proofOf(
  study: GroupStudy,
  reading: WaitReading | null,
  totals: readonly number[],
): Proof | null {
  const { group, provenStuck } = study;
  const { main, counts } = group;
  if (main.waitClass === 'runtime') return null;
  if (provenStuck !== null && provenStuck > 0) return provenByRuntime(study, provenStuck);
  if (!main.frames.some(({ file }) => file !== '')) return null;
  const first = counts[0]!;
  const last = counts[counts.length - 1]!;
  const isMain = main.creation === null && main.entry?.function === 'main.main';
  if (main.waitClass === 'never' && !isMain) return stuckForEver(study);
  if (counts.length === 1) return manyAtOnce(study, totals[0]!);
  if (main.waitClass === 'active') return null;
  const gained = last - first;
  const least = counts.length > 2 ? LEAST_STEADY_GAIN : LEAST_GAIN;
  if (gained < least || gained < totals[0]! * 0.01 || last < first * 1.1) return null;
  const proof = growing(study, reading, gained);
  // Connections that clients hold open, with no code of the service in them, are no news while the load may be what rose.
  return isIdleConnection(study) && proof.confidence < LEAK_CONFIDENCE ? null : proof;
}

function isIdleConnection({ group: { main } }: GroupStudy): boolean {
  return main.waitClass === 'io' && main.blame === null;
}

function provenByRuntime({ group, load }: GroupStudy, count: number): Proof {
  const rises = growthOf(group.counts);
  const against =
    group.counts.length > 1 && rises <= 0 ? ['they are stuck, but their number does not rise'] : [];
  if (load.length === 1) against.push('one capture does not tell whether they become more');
  return {
    step: 'proven',
    confidence: CERTAIN,
    reasons: [
      `the runtime's leak detector names ${goroutines(count)}: nothing that still runs can reach what they wait for`,
      ...(rises > 0 ? [`${formatCount(rises)} more than in the first capture`] : []),
    ],
    against,
    gained: Math.max(count, rises),
  };
}

function stuckForEver({ group }: GroupStudy): Proof | null {
  const { counts } = group;
  const last = counts[counts.length - 1]!;
  const rises = growthOf(counts);
  const isGrowing = counts.length > 1 && rises >= LEAST_STEADY_GAIN;
  // A few that are parked for good are a habit (to keep a program alive), not a leak.
  if (!isGrowing && (counts.length > 1 || last < LEAST_GAIN)) return null;
  return {
    step: 'always-stuck',
    confidence: isGrowing ? 0.95 : 0.7,
    reasons: [
      'they wait on an empty select or on a nil channel: nothing can ever wake them',
      isGrowing
        ? `${formatCount(rises)} more than in the first capture`
        : `there are ${formatCount(last)} of them`,
    ],
    against: isGrowing ? [] : ['one capture does not tell whether they become more'],
    gained: isGrowing ? rises : last,
  };
}

function manyAtOnce({ group, kinship }: GroupStudy, total: number): Proof | null {
  const count = group.counts[0]!;
  const { waitClass, blame } = group.main;
  if (count < MANY || count < total * MANY_SHARE || blame === null) return null;
  if (waitClass === 'active' || waitClass === 'io') return null;
  const kin = kinship[0];
  const orphanShare = kin ? kin.orphans / Math.max(1, count - kin.unknown) : 0;
  return {
    step: 'many',
    confidence: 0.3,
    reasons: [
      `${goroutines(count)}, ${formatShare(count / total)} of all, wait at one line`,
      ...(orphanShare > ORPHAN_SHARE ? ['nobody waits for them: those that started them are gone'] : []),
    ],
    against: ['one capture shows what there is, not what grows: a pool of workers looks like this'],
    gained: count,
  };
}

function growing(study: GroupStudy, reading: WaitReading | null, gained: number): Proof {
  const { group, survival, kinship, load } = study;
  const { counts, main } = group;
  const reasons: string[] = [];
  const against: string[] = [];
  const add = (amount: number, text: string): number => {
    (amount > 0 ? reasons : against).push(text);
    return amount;
  };
  const isIdentified = survival.every((each) => each !== null) && survival.length > 0;
  const stayed = survival.reduce((sum, each) => sum + (each?.survivors ?? 0), 0);
  const before = survival.reduce((sum, each) => sum + (each?.before ?? 0), 0);
  const survivorShare = before === 0 ? null : stayed / before;
  const sameStackShare =
    stayed === 0 ? null : survival.reduce((sum, each) => sum + (each?.sameStack ?? 0), 0) / stayed;
  const kin = kinship.findLast((each) => each !== null) ?? null;
  const count = counts[counts.length - 1]!;
  const kinCount = kin ? kin.orphans + kin.attended + kin.undecided : 0;
  const isOrphaned = kinCount >= count * 0.5 && kin!.orphans >= kinCount * ORPHAN_SHARE;
  const isForgotten = kinCount >= count * 0.5 && !isOrphaned && startedInALoop(study);
  const beside = kin ? kin.besideConnection / Math.max(1, count) : 0;
  const rises = counts.slice(1).map((each, index) => each - counts[index]!);
  const peak = Math.max(...load);
  const lull = load[load.length - 1]!;
  const isQuiet = counts.length > 2 && peak - lull >= 3 && lull <= peak * 0.6;
  const stays = count >= Math.max(...counts) * 0.9;
  const isSteady = rises.every((rise) => rise > 0);
  const followsLoad = load[load.length - 1]! - load[0]! >= gained * 0.5;
  const loadIsFlat = Math.abs(load[load.length - 1]! - load[0]!) <= Math.max(2, gained * 0.1);
  const intervals = rises.length;

  const step: ProofStep =
    isOrphaned && survivorShare !== 0
      ? 'growing-orphans'
      : isIdentified
        ? 'growing-survivors'
        : 'growing-counts';
  let value = step === 'growing-orphans' ? 0.4 : step === 'growing-survivors' ? 0.25 : 0.2;
  value += add(0.1, `${formatCount(gained)} more: ${counts.map(formatCount).join(' → ')}`);
  if (isQuiet && stays) {
    value += add(
      0.4,
      `the clients left (${formatCount(peak)} → ${formatCount(lull)} on connections) and these stayed`,
    );
  } else if (isQuiet) {
    value += add(
      -0.6,
      `their number fell with the load (${counts.map(formatCount).join(' → ')}): they end when clients leave`,
    );
  } else if (intervals >= 2 && isSteady) {
    value += add(
      0.2 + Math.min(0.1, (intervals - 2) * 0.05),
      `they became more in each of ${intervals} intervals`,
    );
  } else if (intervals >= 2 && rises[rises.length - 1]! <= 0) {
    value += add(
      -0.45,
      'their number stopped rising before the last capture: a pool that filled looks like this',
    );
  } else if (intervals >= 2) {
    value += add(-0.15, 'their number does not rise in each interval');
  }
  if (survivorShare !== null && survivorShare >= SURVIVOR_SHARE) {
    value += add(
      0.1,
      `${formatShare(survivorShare)} of the earlier ones are still there, the same by their ids`,
    );
  } else if (survivorShare !== null && before >= LEAST_STEADY_GAIN) {
    value += add(
      survivorShare < 0.5 ? -0.4 : -0.2,
      `${formatShare(1 - survivorShare)} of the earlier ones had ended: they come and go`,
    );
  }
  if (isOrphaned) {
    value += add(
      0.05,
      `nobody waits for them: those that started them are gone (${formatShare(kin!.orphans / kinCount)})`,
    );
  } else if (isForgotten) {
    value += add(
      0.15,
      `${formatCount(kin!.creators)} living goroutines keep starting them and have left the call that did`,
    );
  } else if (kinCount > 0 && kin!.attended >= kinCount * 0.5) {
    value += add(-0.1, `the calls that started ${formatShare(kin!.attended / kinCount)} of them still run`);
  } else if (kinCount === 0 && isIdentified) {
    against.push('whether anybody waits for them is not known: creators are printed from Go 1.21 on');
  }
  if (!isQuiet && !isOrphaned) {
    if (followsLoad) value += add(-0.15, 'connections became more as well: rising load looks like this');
    else if (loadIsFlat) value += add(0.15, 'connections did not become more meanwhile');
  }
  if (sameStackShare !== null && sameStackShare < 0.5) {
    value += add(-0.2, 'the same goroutine is met at different places: they work');
  }
  if (reading) value += fromSource(reading, add);

  const { isCapped, why } = capOf({
    isIo: main.waitClass === 'io',
    isTimer: main.waitClass === 'timer',
    beside,
    isQuiet: isQuiet && stays,
    isUser: isOfService(study) || isUnreadBody(study) || isOpenRows(study) || isOpenTransaction(study),
    isOld: intervals >= 3 && isSteady,
    intervals,
    isOrphaned: isOrphaned || isForgotten,
    followsLoad,
    survives: survivorShare === null || survivorShare >= SURVIVOR_SHARE,
    ends: reading?.kind === 'ends' || reading?.kind === 'queue',
    explained: reading?.kind === 'runs-on' || reading?.kind === 'needs-cancel',
  });
  if (why !== null) against.push(why);
  const cap = isCapped ? SUSPICION : CERTAIN;
  return { step, confidence: rounded(Math.min(cap, value)), reasons, against, gained };
}

function fromSource(reading: WaitReading, add: (amount: number, text: string) => number): number {
  switch (reading.kind) {
    case 'runs-on':
    case 'needs-cancel':
      return add(0.15, reading.why);
    case 'waits-on':
      return add(0.05, reading.why);
    case 'queue':
      return add(-0.3, `${reading.why}: a worker of a pool looks like this`);
    case 'ends':
      return add(-0.15, reading.why);
  }
}

interface Caps {
  readonly isIo: boolean;
  readonly isTimer: boolean;
  readonly beside: number;
  /** The load has gone, and they have not. */
  readonly isQuiet: boolean;
  readonly isUser: boolean;
  /** It grew in each of three intervals or more. */
  readonly isOld: boolean;
  readonly intervals: number;
  readonly isOrphaned: boolean;
  readonly followsLoad: boolean;
  readonly survives: boolean;
  readonly ends: boolean;
  readonly explained: boolean;
}

/** What keeps a group a suspicion, however much it grows. A capture after the load has left settles all of it. */
function capOf(caps: Caps): { isCapped: boolean; why: string | null } {
  if (!caps.isUser && (!caps.isOld || caps.followsLoad)) {
    return capped('a library starts them and keeps them: a pool of connections looks like this');
  }
  if (caps.isQuiet) return { isCapped: false, why: null };
  if (caps.isIo) return capped('they wait on their peers: as many clients would look like this');
  if (caps.beside >= 0.5)
    return capped(
      `${formatShare(caps.beside)} of them belong to a connection that is read beside them: they live as long as it does`,
    );
  if (caps.isTimer && !caps.explained) return capped('they sleep: delayed or repeated work looks like this');
  if (caps.ends)
    return capped(
      'the code has a way out for them: a capture after the load has gone would tell whether it is taken',
    );
  if (!caps.survives) return capped('the earlier ones do end');
  if (!caps.isOrphaned && (caps.intervals < 2 || caps.followsLoad)) {
    return capped(
      caps.followsLoad
        ? 'a healthy server under rising load looks like this'
        : 'two captures cannot tell a leak from work that takes its time',
    );
  }
  return { isCapped: false, why: null };
}

function capped(why: string): { isCapped: true; why: string } {
  return { isCapped: true, why };
}

/** Started by the service, or waiting in its code. */
function isOfService({ group: { main } }: GroupStudy): boolean {
  return main.creationAuthor === 'user' || (main.blame !== null && authorOfFrame(main.blame) === 'user');
}

/** As many creators as before, and more goroutines of each: something that lives on keeps starting them. */
function startedInALoop({ kinship, group }: GroupStudy): boolean {
  const first = kinship[0];
  const last = kinship[kinship.length - 1];
  if (!first || !last || last.creators === 0) return false;
  const before = group.counts[0]! / Math.max(1, first.creators);
  const after = group.counts[group.counts.length - 1]! / last.creators;
  return (
    last.undecided > last.attended &&
    last.creators <= Math.max(1, first.creators) * 1.2 &&
    after >= 8 &&
    after >= before * 1.1
  );
}

function growthOf(counts: readonly number[]): number {
  return counts[counts.length - 1]! - counts[0]!;
}

function goroutines(count: number): string {
  return `${formatCount(count)} goroutine${count === 1 ? '' : 's'}`;
}

function rounded(value: number): number {
  return Math.round(Math.max(0.02, value) * 100) / 100;
}
