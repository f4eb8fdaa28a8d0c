import type { OperationCounts, Scenario, ScenarioContext } from './scenario.ts';

/** What drives one kind of scenario through a round. */
export type Driver = (operations: number) => Promise<OperationCounts>;

/**
 * Drives rounds of a scenario: its own, or so many operations with so many at the same time. The first that fails ends the round when the
 * others under way are over.
 *
 * @param perform does one operation; the scenario's own when absent
 */
export function driverOf(
  scenario: Scenario,
  context: ScenarioContext,
  perform: (index: number, lane: number) => unknown = (index) => scenario.operation!(index, context),
): Driver {
  const name = scenario.name ?? 'operation';
  let next = 0;
  return async (operations) => {
    context.signal.throwIfAborted();
    if (scenario.round) return (await scenario.round(operations, context)) ?? { [name]: operations };
    const end = next + operations;
    let failure: { error: unknown } | null = null;
    const lane = async (_: unknown, number: number): Promise<void> => {
      while (next < end && failure === null && !context.signal.aborted) {
        try {
          await perform(next++, number);
        } catch (error) {
          failure ??= { error };
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(context.concurrency, operations) }, lane));
    context.signal.throwIfAborted();
    if (failure !== null) throw (failure as { error: unknown }).error;
    return { [name]: operations };
  };
}
