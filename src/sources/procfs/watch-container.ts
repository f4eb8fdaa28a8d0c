import { EXIT, StanchError } from '../../base/errors.ts';
import type { SeriesSet } from '../../model/series.ts';
import { containerFacts, notAtWork } from '../containers/container-list.ts';
import type { Engine } from '../containers/engine-api.ts';
import { serviceIn } from '../containers/service-in.ts';
import { type SamplerOptions, watchProcess } from './sampler.ts';

/**
 * Watches the service of a container (its heaviest process of a known runtime, not the init or the master before it), with the
 * container's cgroup, under the container's name.
 *
 * @param name or the beginning of an id
 * @throws StanchError `target-unreachable` (exit code 4) when there is no such container, or its processes cannot be seen from here
 */
export async function watchContainer(
  engine: Engine,
  name: string,
  options: SamplerOptions,
): Promise<SeriesSet> {
  const facts = await containerFacts(engine, name).catch((cause: unknown) => {
    if ((cause as { status?: number }).status !== 404) throw cause;
    throw unreachable(
      `no file, process or container is called '${name}'`,
      'stanch top lists processes and containers',
    );
  });
  const { says, hint } = notAtWork(facts) ?? {};
  if (says !== undefined && facts.state !== 'paused')
    throw unreachable(`container ${facts.name}: ${says}`, hint!);
  if (facts.hostPid === null) {
    throw unreachable(
      `container ${facts.name}: its processes cannot be seen from here`,
      'run stanch on the machine of the engine, with rights to look at other processes; or give the address of its metrics',
    );
  }
  const pid = serviceIn(facts.hostPid, facts.id)?.pid ?? facts.hostPid;
  const { series, events, notes } = await watchProcess(pid, options);
  return {
    series: series.map((each) => ({
      ...each,
      labels: { ...each.labels, container: facts.name },
      source: `container ${facts.name}`,
    })),
    events,
    notes,
  };
}

function unreachable(message: string, hint: string): StanchError {
  return new StanchError(message, { code: 'target-unreachable', exitCode: EXIT.unreachable, hint });
}
