import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import type { Runtime } from '../../sources/processes/recognise.ts';
import type { EvidenceGroup } from '../captured-series.ts';
import type { CaseContents } from '../case-contents.ts';

/** The way from the alert to the closed case. Names are promises to scripts. */
export type StepId =
  | 'confirm'
  | 'locate'
  | 'capture'
  | 'diagnose'
  | 'mitigate'
  | 'verify'
  | 'report'
  | 'close';

/** A command that can be run as it stands, unless it holds `<…>`. */
export interface StepCommand {
  readonly command: string;
  readonly why: string;
}

/** How far a step is. */
export interface StepState {
  /** `not-needed`: the way goes on without it. */
  readonly state: 'done' | 'open' | 'not-needed';
  /** By what it is done, or why it is open. */
  readonly says: string;
  /** Records of the timeline that show it. */
  readonly records: readonly number[];
  readonly missing: readonly string[];
  readonly commands: readonly StepCommand[];
}

/** What a step is decided on. */
export interface Runbook {
  /** As the reader would type it. */
  readonly folder: string;
  readonly contents: CaseContents;
  /** Dumps and profiles by process. */
  readonly groups: readonly EvidenceGroup[];
  readonly runtime: Runtime | null;
  readonly target: Target | null;
  /** The processes of this machine; null where they cannot be listed. */
  readonly processes: readonly ProcessFacts[] | null;
  readonly nowMs: number;
}

/** What is to be captured from. */
export interface Target {
  /** A pid or an address. */
  readonly what: string;
  /** `gone`: the process that was captured from is no more · `unknown`: it cannot be seen from here. */
  readonly state: 'alive' | 'gone' | 'unknown';
  readonly from: string;
}

export interface Step {
  readonly id: StepId;
  readonly title: string;
  look(runbook: Runbook): StepState;
}

export function done(says: string, records: readonly number[] = []): StepState {
  return { state: 'done', says, records, missing: [], commands: [] };
}

export function open(
  says: string,
  commands: readonly StepCommand[],
  { missing = [], records = [] }: { missing?: readonly string[]; records?: readonly number[] } = {},
): StepState {
  return { state: 'open', says, records, missing, commands };
}

/** A word for a shell; what is to be filled in stays as it is. */
export function word(text: string): string {
  return /^[\w@%+=:,./~<>-]+$/.test(text) && (!/[<>]/.test(text) || /^<[^<>]*>$/.test(text))
    ? text
    : `'${text.replaceAll("'", `'\\''`)}'`;
}
