import { stateOf } from '../../capture/targets/pre-flight.ts';
import type { Moment, PreparedTarget } from '../../capture/targets/target.ts';
import type { LightCounts } from '../run-result.ts';

/** What is looked at between rounds. */
export interface Probe {
  /** As messages call it. */
  readonly target: string;
  readonly runtime: string | null;
  /** Takes full evidence; null where none can be had. */
  readonly evidence: { capture(moment: Moment): Promise<readonly { readonly file: string }[]> } | null;
  /** Why there is no evidence. */
  readonly withoutEvidence: string | null;
  /** Forces a collection. @returns false where that is not possible from outside */
  collectGarbage(): Promise<boolean>;
  counts(): Promise<LightCounts>;
  /** @returns what could not be put back, for the user to know */
  close(): Promise<string | null>;
}

/** The evidence of a prepared target, unless its pre-flight refuses: a run goes on with what can be counted then. */
export function evidenceOf(prepared: PreparedTarget): Pick<Probe, 'evidence' | 'withoutEvidence'> {
  const { checks } = prepared.preFlight;
  if (stateOf(checks) !== 'refused') return { evidence: prepared, withoutEvidence: null };
  return {
    evidence: null,
    withoutEvidence: checks.find(({ state }) => state === 'refused')?.says ?? 'refused',
  };
}
