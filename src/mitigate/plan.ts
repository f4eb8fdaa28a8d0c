/** What may be done. */
export type Act = 'gc' | 'restart' | 'rolling-restart';

/**
 * `note` does not stop anything but must be read; `later` can only be known by touching the process, and is looked at with consent,
 * before anything is done; `refuse` stops all.
 */
export type GateState = 'pass' | 'note' | 'later' | 'refuse';

/** Why an act may be refused. Names are promises to scripts. */
export type GateName =
  | 'identity'
  | 'role'
  | 'whole-service'
  | 'supervisor'
  | 'single-worker'
  | 'graceful'
  | 'permission'
  | 'evidence'
  | 'one-at-a-time'
  | 'cool-down'
  | 'circuit'
  | 'ready'
  | 'headroom'
  | 'runtime'
  | 'inspector'
  | 'tool';

/** One condition of an act, as it was found. */
export interface Gate {
  readonly name: GateName;
  readonly state: GateState;
  /** What was found, with figures. */
  readonly says: string;
  /** What to do about it: a command where there is one. Null where it passes. */
  readonly next: string | null;
  /** True when somebody who knows better may lift it, with a reason that is written down (`--accept name=reason`). */
  readonly acceptable?: boolean;
}

/** One thing that will happen. */
export interface Step {
  readonly does: string;
  readonly why: string;
  /** How it is known to be safe. */
  readonly safe: string;
  /** What would stop it, and leave the rest undone. */
  readonly stops: string;
  /** The program that is run for it, with its arguments; null where Stanch does it itself. */
  readonly command: readonly string[] | null;
}

/** How one act, or one step of it, ended. */
export interface Outcome {
  /** `no-relief`: all went well, and the memory did not fall. */
  readonly state: 'done' | 'no-relief' | 'failed' | 'interrupted';
  readonly says: string;
  /** Pids that were told to end; empty for containers. */
  readonly oldPids: readonly number[];
  readonly newPids: readonly number[];
  /** Of what was acted on: PSS and swap of the workers, the heap for a collection. Null where it cannot be read. */
  readonly memoryBeforeBytes: number | null;
  readonly memoryAfterBytes: number | null;
  /** Questions to the `--ready` address while it went on; null without one. */
  readonly checks: { readonly asked: number; readonly failed: number } | null;
  readonly elapsedMs: number;
}

/** Facts of a record on a timeline. */
export type ActFacts = Readonly<Record<string, string>>;

/** Where acts are written down: it is on disk when the promise is fulfilled. */
export type Journal = (text: string, facts: ActFacts) => Promise<void>;

export function pass(name: GateName, says: string): Gate {
  return { name, state: 'pass', says, next: null };
}

export function note(name: GateName, says: string, next: string | null = null): Gate {
  return { name, state: 'note', says, next };
}

export function refuse(name: GateName, says: string, next: string, acceptable: boolean = false): Gate {
  return { name, state: 'refuse', says, next, ...(acceptable ? { acceptable } : {}) };
}

export function isRefused(gates: readonly Gate[]): boolean {
  return gates.some(({ state }) => state === 'refuse');
}

/**
 * Lifts refusals that somebody has accepted. What cannot be accepted stays refused, whatever reason is given.
 *
 * @param reasons by the name of the gate
 */
export function accepted(gates: readonly Gate[], reasons: ReadonlyMap<string, string>): Gate[] {
  return gates.map((gate) => {
    const reason = reasons.get(gate.name);
    if (reason === undefined || !gate.acceptable || (gate.state !== 'refuse' && gate.state !== 'later'))
      return gate;
    return note(gate.name, `${gate.says}. Accepted: ${reason}`);
  });
}
