import { randomBytes } from 'node:crypto';
import { intentFacts, outcomeFacts } from './history.ts';
import type { ActFacts, Journal, Outcome } from './plan.ts';

/** What is written before an act. */
export interface Intent {
  readonly act: string;
  /** Key of the service. */
  readonly tree: string;
  readonly says: string;
  /** Who is to end, as `pid:startTicks`. */
  readonly processes?: readonly string[];
  readonly facts?: ActFacts;
}

/**
 * Writes an intent, acts, and writes how it ended, also when it failed on the way. Whoever is killed in between leaves an intent without
 * an outcome, which the next plan sees.
 */
export async function recorded(
  journal: Journal,
  { act, tree, says, processes = [], facts = {} }: Intent,
  run: () => Promise<Outcome>,
): Promise<Outcome> {
  const id = randomBytes(8).toString('hex');
  await journal(says, intentFacts(id, { act, tree, processes, more: facts }));
  let outcome: Outcome;
  try {
    outcome = await run();
  } catch (error) {
    const why = `${act}: failed: ${(error as Error).message}`;
    await journal(why, { mitigation: id, phase: 'outcome', act, tree, outcome: 'failed' });
    throw error;
  }
  await journal(`${act}: ${outcome.state}: ${outcome.says}`, outcomeFacts(id, act, tree, outcome));
  return outcome;
}
