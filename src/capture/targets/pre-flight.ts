import { statfs } from 'node:fs/promises';
import { formatBytes } from '../../base/units.ts';
import type { MemoryRoom } from '../../sources/processes/memory-limit.ts';
import type { Runtime } from '../../sources/processes/recognise.ts';

/** `ask` needs the user's consent, `refused` no consent can lift. */
export type CheckState = 'ok' | 'ask' | 'refused';

/** One thing that was looked at before anything was done. */
export interface Check {
  readonly name: 'role' | 'agent' | 'signal' | 'memory' | 'pause' | 'disk' | 'load' | 'access' | 'cool-down';
  readonly state: CheckState;
  /** What was found, with figures. */
  readonly says: string;
  /** What to do instead, or what would allow it. */
  readonly hint?: string;
}

/** What a capture will cost, said before it is done. Null is what cannot be known. */
export interface PreFlight {
  readonly target: string;
  readonly runtime: Runtime;
  readonly role: string;
  readonly pid: number | null;
  readonly kinds: readonly string[];
  readonly checks: readonly Check[];
  readonly extraMemoryBytes: number | null;
  /** How long the service stands still, for each capture of the series. */
  readonly pauseMs: number | null;
  /** For the whole series. */
  readonly diskBytes: number | null;
}

/** The worst state of all checks decides. */
export function stateOf(checks: readonly Check[]): CheckState {
  const has = (state: CheckState): boolean => checks.some((check) => check.state === state);
  return has('refused') ? 'refused' : has('ask') ? 'ask' : 'ok';
}

/** A pause that a load balancer's health check does not notice needs no question. */
const ASK_PAUSE_MS = 2000;
/** By then a liveness probe has killed the process, and the evidence with it. */
const MOST_PAUSE_MS = 300_000;

/** @param why where the estimate comes from */
export function pauseCheck(pauseMs: number, why: string): Check {
  const says = `stands still for about ${pauseText(pauseMs)} (${why})`;
  if (pauseMs > MOST_PAUSE_MS) {
    return {
      name: 'pause',
      state: 'refused',
      says,
      hint: 'take it from a replica without traffic, or take --kind profile',
    };
  }
  if (pauseMs > ASK_PAUSE_MS) {
    return {
      name: 'pause',
      state: 'ask',
      says,
      hint: 'take the process out of the load balancer first; a liveness probe must wait as long',
    };
  }
  return { name: 'pause', state: 'ok', says };
}

function pauseText(ms: number): string {
  return ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

export interface MemoryNeed {
  /** What it may take at worst; with less left than this it needs consent. */
  readonly mostBytes: number;
  /** What it is known to take on heaps as they are met; with less left than this it is refused. */
  readonly leastBytes: number;
  readonly why: string;
  /** What to do where there is no room. */
  readonly instead: string;
}

/** Compares a need with what is left before the limit that the process will meet first. */
export function memoryCheck(
  { mostBytes, leastBytes, why, instead }: MemoryNeed,
  room: MemoryRoom | null,
): Check {
  const need = `may take ${formatBytes(mostBytes)} more (${why})`;
  if (room?.headroomBytes == null) {
    const state = mostBytes === 0 ? 'ok' : 'ask';
    return {
      name: 'memory',
      state,
      says: `${need}; what is left there cannot be seen from here`,
      hint: 'compare it with the limit of its container',
    };
  }
  const { headroomBytes, limitBytes, usedBytes, machineFreeBytes } = room;
  const byLimit =
    limitBytes !== null &&
    usedBytes !== null &&
    limitBytes - usedBytes <= (machineFreeBytes ?? Number.POSITIVE_INFINITY);
  const left = byLimit
    ? `${formatBytes(headroomBytes)} are left of its limit of ${formatBytes(limitBytes)}`
    : `${formatBytes(headroomBytes)} are free on the machine${limitBytes === null ? ', without a limit of its own' : ''}`;
  const says = `${need}; ${left}`;
  if (headroomBytes < leastBytes) return { name: 'memory', state: 'refused', says, hint: instead };
  if (headroomBytes < mostBytes) return { name: 'memory', state: 'ask', says, hint: instead };
  return { name: 'memory', state: 'ok', says };
}

/** @param folder that exists, on the disk that will be written to */
export async function diskCheck(folder: string, needBytes: number, why: string): Promise<Check> {
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  const says = `about ${formatBytes(needBytes)} (${why}); ${formatBytes(freeBytes)} are free`;
  if (needBytes > freeBytes)
    return { name: 'disk', state: 'refused', says, hint: 'choose another disk with -o, or fewer captures' };
  return { name: 'disk', state: needBytes > freeBytes / 2 ? 'ask' : 'ok', says };
}

/** What is looked at again before each further capture: why the series must end, or null. */
export function stillFits(need: () => Check): () => Promise<string | null> {
  return async () => {
    const { state, says } = need();
    return state === 'refused' ? says : null;
  };
}
