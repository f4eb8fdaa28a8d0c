import { procText } from '../processes/proc-text.ts';
import { type Engine, engineGet } from './engine-api.ts';

/** A running container. Sizes in bytes; null is what the engine does not tell. */
export interface ContainerFacts {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** Its first process on this machine; null when that cannot be seen from here (Docker Desktop, a machine of podman). */
  readonly hostPid: number | null;
  readonly startedAt: string | null;
  /** As the engine has it: `running`, `paused`, `restarting`, `exited`, `created`, `dead`; null when it does not tell. */
  readonly state: string | null;
  /** Of its last end; null while it runs. */
  readonly exitCode: number | null;
  readonly limitBytes: number | null;
  /** Working set: usage less inactive file pages, as `docker stats` has it. */
  readonly memoryBytes: number | null;
  readonly restarts: number;
  readonly oomKilled: boolean;
  /** Pod that it belongs to, where Kubernetes made it. */
  readonly pod: { readonly namespace: string; readonly name: string; readonly container: string } | null;
}

interface Listed {
  readonly Id: string;
  readonly Names?: readonly string[];
}

interface Inspected {
  readonly Id: string;
  readonly Name?: string;
  readonly RestartCount?: number;
  readonly State?: {
    readonly Status?: string;
    readonly ExitCode?: number;
    readonly Pid?: number;
    readonly StartedAt?: string;
    readonly OOMKilled?: boolean;
  };
  readonly Config?: { readonly Image?: string; readonly Labels?: Readonly<Record<string, string>> | null };
  readonly HostConfig?: { readonly Memory?: number };
}

interface Stats {
  readonly memory_stats?: {
    readonly usage?: number;
    readonly limit?: number;
    readonly stats?: { readonly inactive_file?: number; readonly total_inactive_file?: number };
  };
}

/** All running containers, most memory first. One that ends meanwhile is left out. */
export async function listContainers(engine: Engine): Promise<ContainerFacts[]> {
  const listed = (await engineGet(engine, '/containers/json')) as readonly Listed[];
  const all: ContainerFacts[] = [];
  for (const { Id } of listed) {
    const facts = await containerFacts(engine, Id).catch((error: unknown) => {
      if ((error as { status?: number }).status === 404) return null;
      throw error;
    });
    if (facts) all.push(facts);
  }
  return all.sort((a, b) => (b.memoryBytes ?? 0) - (a.memoryBytes ?? 0));
}

/** One container by its name or the beginning of its id. @throws EngineError, `status` 404 when there is none */
export async function containerFacts(engine: Engine, name: string): Promise<ContainerFacts> {
  const path = `/containers/${encodeURIComponent(name)}`;
  const { Id, Name, State, Config, HostConfig, RestartCount } = (await engineGet(
    engine,
    `${path}/json`,
  )) as Inspected;
  const pid = State?.Pid ?? 0;
  const hostPid = pid > 0 && isOf(pid, Id) ? pid : null;
  // One look: without `one-shot` the engine waits a second for a second one.
  const stats = (await engineGet(engine, `${path}/stats?stream=false&one-shot=true`).catch(
    () => ({}),
  )) as Stats;
  const { usage, limit, stats: details } = stats.memory_stats ?? {};
  const inactive = details?.total_inactive_file ?? details?.inactive_file ?? 0;
  const told = HostConfig?.Memory ?? 0;
  const labels = Config?.Labels ?? {};
  const podName = labels['io.kubernetes.pod.name'];
  return {
    id: Id,
    name: (Name ?? Id.slice(0, 12)).replace(/^\//, ''),
    image: Config?.Image ?? '',
    hostPid,
    startedAt: State?.StartedAt ?? null,
    state: State?.Status ?? null,
    exitCode: pid > 0 ? null : (State?.ExitCode ?? null),
    // An engine without a limit tells the memory of the machine.
    limitBytes: told > 0 ? told : limit !== undefined && hostPid === null && limit < 2 ** 60 ? limit : null,
    memoryBytes: usage === undefined || usage === 0 ? null : Math.max(0, usage - inactive),
    restarts: RestartCount ?? 0,
    oomKilled: State?.OOMKilled === true,
    pod:
      podName === undefined
        ? null
        : {
            namespace: labels['io.kubernetes.pod.namespace'] ?? 'default',
            name: podName,
            container: labels['io.kubernetes.container.name'] ?? '',
          },
  };
}

/** Why nothing in a container answers now, with what to do about it; null where it runs or nothing is known. */
export function notAtWork({ name, state, exitCode, oomKilled }: ContainerFacts): {
  readonly says: string;
  readonly hint: string;
} | null {
  if (state === 'paused')
    return {
      says: 'it is paused: nothing in it answers',
      hint: `docker unpause ${name}, when whoever paused it agrees`,
    };
  if (state === null || state === 'running') return null;
  const ended =
    exitCode === null ? '' : `, its last end: ${oomKilled ? 'out of memory' : `code ${exitCode}`}`;
  return { says: `it does not run (${state}${ended})`, hint: `docker logs ${name} tells why` };
}

/** The pid is one of the engine's machine: it is ours only when the process is in that very container, or where no cgroup tells. */
function isOf(pid: number, id: string): boolean {
  const cgroup = procText(`/proc/${pid}/cgroup`);
  if (cgroup === null) return false;
  if (cgroup.includes(id)) return true;
  // Without cgroups of its own a container still has its own mounts, and its files name it.
  return /[0-9a-f]{64}/.test(cgroup) ? false : (procText(`/proc/${pid}/mountinfo`) ?? '').includes(id);
}
