import { setTimeout as sleep } from 'node:timers/promises';
import { processesIn } from '../sources/containers/service-in.ts';
import { procText } from '../sources/processes/proc-text.ts';
import type { ProcessFacts } from '../sources/processes/process-facts.ts';
import { signalAction } from '../sources/processes/signals.ts';
import { secondsText } from './history.ts';
import {
  ASK_TIMEOUT_MS,
  jsonOf,
  type OrchestratedPlan,
  type OrchestratedWish,
  orchestratedOutcome,
  runCommand,
} from './orchestrator.ts';
import { type Gate, note, type Outcome, pass, refuse } from './plan.ts';
import { ReadyWatch, readyGate } from './ready-check.ts';

/** The parts of `docker inspect` that matter here. */
interface ContainerJson {
  readonly Id: string;
  readonly Name: string;
  readonly State: {
    readonly Running?: boolean;
    readonly Pid?: number;
    readonly StartedAt?: string;
    readonly Health?: { readonly Status?: string };
  };
  readonly Config?: {
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly StopSignal?: string;
  };
}

const POLL_EVERY_MS = 500;
/** A container without a health check that runs so long counts as started. */
const SETTLE_MS = 3000;
const SIGTERM = 15;

/** Looks at a container, and at those of the same Compose service, with the user's own docker. */
export async function planContainers(
  name: string,
  act: 'restart' | 'rolling-restart',
  wish: OrchestratedWish,
): Promise<OrchestratedPlan> {
  const ask = (...args: string[]) => runCommand(['docker', ...args], { signal: wish.signal });
  const answer = await ask('inspect', '--type', 'container', name);
  const [container] = (jsonOf(answer) as ContainerJson[] | null) ?? [];
  if (!container) {
    const gate = refuse(
      'tool',
      answer.problem,
      `it is neither a pid, nor deployment/<name>, nor a container: try docker inspect ${name}`,
    );
    return {
      title: name,
      key: `docker ${name}`,
      gates: [gate],
      steps: [],
      startedMs: null,
      processes: null,
      captures: null,
      units: [],
    };
  }
  const labels = container.Config?.Labels ?? {};
  const [project, service] = [labels['com.docker.compose.project'], labels['com.docker.compose.service']];
  let all = [container];
  if (project !== undefined && service !== undefined) {
    const filters = [`com.docker.compose.project=${project}`, `com.docker.compose.service=${service}`];
    const ids = (
      await ask('ps', '--quiet', '--no-trunc', ...filters.flatMap((each) => ['--filter', `label=${each}`]))
    ).standardOutput
      .split('\n')
      .filter((id) => id !== '' && id !== container.Id);
    if (ids.length > 0)
      all = [
        container,
        ...((jsonOf(await ask('inspect', '--type', 'container', ...ids)) as ContainerJson[] | null) ?? []),
      ];
  }
  const targets = act === 'restart' ? [container] : all;
  const restart = ({ Id }: ContainerJson): string[] => [
    'docker',
    'restart',
    '--time',
    String(Math.ceil(wish.timeoutMs / 1000)),
    Id.slice(0, 12),
  ];
  const gates = [...containerGates(container, all, targets, wish), await readyGate(wish.readyUrl)].filter(
    (gate) => gate !== null,
  );
  return {
    title: `container ${nameOf(container)}${all.length > 1 ? ` and ${all.length - 1} more of ${service}` : ''}`,
    key: `docker ${project === undefined ? container.Id : `${project} ${service}`}`,
    gates,
    steps: targets.map((each) => ({
      does: `has Docker restart ${nameOf(each)}, and waits until it ${each.State.Health ? 'is healthy' : 'runs'}`,
      why: 'its processes begin without what they have piled up',
      safe: `Docker sends ${each.Config?.StopSignal ?? 'SIGTERM'} and waits ${secondsText(wish.timeoutMs)}; what has not ended by then Docker kills`,
      stops: 'a container that does not come back healthy: the next ones are left',
      command: restart(each),
    })),
    startedMs: container.State.StartedAt === undefined ? null : Date.parse(container.State.StartedAt),
    processes: processesOf(all),
    captures: `container:${nameOf(container)}`,
    units: targets.map((each) => ({ name: nameOf(each), run: () => restartOne(each, restart(each), wish) })),
  };
}

function containerGates(
  named: ContainerJson,
  all: readonly ContainerJson[],
  targets: readonly ContainerJson[],
  { readyUrl, coolDownMs, nowMs }: OrchestratedWish,
): Gate[] {
  const stopped = all.find(({ State }) => State.Running !== true);
  const sick = all.find(({ State }) => State.Health !== undefined && State.Health.Status !== 'healthy');
  const ageMs = ({ State }: ContainerJson): number => nowMs - Date.parse(State.StartedAt ?? '');
  const young = all.find((each) => !targets.includes(each) && ageMs(each) < coolDownMs);
  const deaf = targets.find(isDeaf);
  return [
    stopped
      ? refuse('ready', `${nameOf(stopped)} does not run`, `docker logs ${nameOf(stopped)}`)
      : sick
        ? refuse('ready', `${nameOf(sick)} is ${sick.State.Health?.Status}`, `docker inspect ${nameOf(sick)}`)
        : pass(
            'ready',
            `${all.length} running${all.every(({ State }) => State.Health) ? ' and healthy' : ''}`,
          ),
    ...(readyUrl === null && targets.some(({ State }) => !State.Health)
      ? [
          refuse(
            'ready',
            'it has no health check: whether it serves again cannot be seen',
            '--ready <address>, or --accept ready="<reason>"',
            true,
          ),
        ]
      : []),
    all.length === 1
      ? refuse(
          'single-worker',
          `${nameOf(named)} is alone: until it is back, nobody serves`,
          'start a second one first (docker compose up --scale), or --accept single-worker="<reason>"',
          true,
        )
      : pass('single-worker', `${all.length} containers: the others serve meanwhile`),
    young
      ? refuse(
          'one-at-a-time',
          `${nameOf(young)} started ${secondsText(ageMs(young))} ago`,
          `wait ${secondsText(coolDownMs - ageMs(young))}; --every sets the time`,
        )
      : pass('one-at-a-time', 'no other one has just started'),
    deaf
      ? refuse(
          'graceful',
          `pid 1 of ${nameOf(deaf)} does not handle SIGTERM, and the kernel gives pid 1 no signal that it does not handle: Docker would wait, then kill it`,
          'start it with --init; or --accept graceful="<reason>"',
          true,
        )
      : note('graceful', 'Docker sends the stop signal to pid 1 of the container only'),
  ];
}

/** Null as soon as one of the containers is of another machine, or does not run. */
function processesOf(all: readonly ContainerJson[]): ProcessFacts[] | null {
  if (!all.every(isOfThisMachine)) return null;
  return all.flatMap(({ Id, State }) => processesIn(State.Pid!, Id));
}

/** A Docker elsewhere gives pids that mean nothing here. */
function isOfThisMachine({ Id, State }: ContainerJson): boolean {
  return Boolean(State.Pid) && (procText(`/proc/${State.Pid}/cgroup`) ?? '').includes(Id);
}

function isDeaf(container: ContainerJson): boolean {
  const { State, Config } = container;
  if ((Config?.StopSignal ?? 'SIGTERM') !== 'SIGTERM' || !isOfThisMachine(container)) return false;
  return signalAction(procText(`/proc/${State.Pid}/status`) ?? '', SIGTERM) === 'default';
}

async function restartOne(
  container: ContainerJson,
  command: readonly string[],
  { readyUrl, timeoutMs, signal }: OrchestratedWish,
): Promise<Outcome> {
  const name = nameOf(container);
  const startedMs = performance.now();
  const watch = readyUrl === null ? null : new ReadyWatch(readyUrl);
  const outcome = (state: Outcome['state'], says: string): Outcome =>
    orchestratedOutcome(state, says, { startedMs, watch });
  try {
    const done = await runCommand(command, { signal, timeoutMs: timeoutMs + ASK_TIMEOUT_MS });
    if (done.code !== 0)
      return outcome(signal.aborted ? 'interrupted' : 'failed', `${name}: ${done.problem}`);
    const deadline = performance.now() + timeoutMs;
    const back = performance.now();
    for (;;) {
      const answer = await runCommand(['docker', 'inspect', '--type', 'container', container.Id], { signal });
      const now = (jsonOf(answer) as ContainerJson[] | null)?.[0]?.State;
      const serves = now?.Health
        ? now.Health.Status === 'healthy'
        : now?.Running === true && performance.now() - back > SETTLE_MS;
      if (serves && (watch === null || watch.isGood)) {
        const problem = watch?.problem ?? null;
        return problem === null
          ? outcome('done', `${name} is back`)
          : outcome('failed', `${name} is back; ${problem}`);
      }
      if (signal.aborted) return outcome('interrupted', `${name} was restarted and not waited for`);
      if (performance.now() > deadline) {
        const state = now?.Health?.Status ?? (now?.Running ? 'running' : 'not running');
        return outcome(
          'failed',
          `${name} is ${state} ${secondsText(timeoutMs)} after its restart${watch ? `; ${watch.lastSays}` : ''}`,
        );
      }
      await sleep(POLL_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await watch?.stop();
  }
}

function nameOf({ Name }: ContainerJson): string {
  return Name.replace(/^\//, '');
}
