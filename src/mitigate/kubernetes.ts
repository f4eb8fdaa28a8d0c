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

/** A workload of a cluster, by the names that kubectl takes. */
export interface Workload {
  readonly kind: 'deployment' | 'statefulset' | 'daemonset';
  readonly name: string;
  readonly namespace: string | null;
  readonly context: string | null;
}

/** The parts of a workload's JSON that matter here (apps/v1). */
interface WorkloadJson {
  readonly metadata?: { readonly uid?: string; readonly generation?: number };
  readonly spec?: {
    readonly replicas?: number;
    readonly selector?: Selector;
    readonly paused?: boolean;
    readonly strategy?: Strategy;
    readonly updateStrategy?: Strategy;
    readonly template?: {
      readonly spec?: { readonly containers?: readonly { readonly readinessProbe?: unknown }[] };
    };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberAvailable?: number;
  };
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

interface Strategy {
  readonly type?: string;
  readonly rollingUpdate?: { readonly maxUnavailable?: number | string; readonly maxSurge?: number | string };
}

/** The parts of a list of pods that matter here. */
interface PodsJson {
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string; readonly namespace?: string };
    readonly status?: {
      readonly containerStatuses?: readonly {
        readonly state?: { readonly running?: { readonly startedAt?: string } };
      }[];
    };
  }[];
}

const KINDS: Readonly<Record<string, Workload['kind']>> = {
  deployment: 'deployment',
  deploy: 'deployment',
  statefulset: 'statefulset',
  sts: 'statefulset',
  daemonset: 'daemonset',
  ds: 'daemonset',
};

/** Reads `deployment/checkout`, `sts/queue`; null for anything else. */
export function workloadOf(
  target: string,
  namespace: string | null,
  context: string | null,
): Workload | null {
  const [, short = '', name = ''] = /^([a-z]+)(?:\.apps)?\/([a-z0-9][a-z0-9.-]*)$/.exec(target) ?? [];
  const kind = KINDS[short];
  return kind === undefined ? null : { kind, name, namespace, context };
}

/** Looks at a workload with the user's own kubectl, and says what a rolling restart would do and what speaks against it. */
export async function planWorkload(workload: Workload, wish: OrchestratedWish): Promise<OrchestratedPlan> {
  const { kind, name, namespace, context } = workload;
  const full = `${kind}/${name}`;
  const kubectl = (...args: string[]): string[] => [
    'kubectl',
    ...args,
    ...(namespace === null ? [] : ['--namespace', namespace]),
    ...(context === null ? [] : ['--context', context]),
  ];
  const ask = (command: readonly string[]) => runCommand(command, { signal: wish.signal });
  const get = kubectl('get', full, '--output', 'json');
  const answer = await ask(get);
  const json = jsonOf(answer) as WorkloadJson | null;
  const restart = kubectl('rollout', 'restart', full);
  const status = kubectl('rollout', 'status', full, `--timeout=${Math.ceil(wish.timeoutMs / 1000)}s`);
  const steps = [
    {
      does: `has Kubernetes replace the pods of ${full}, as its update strategy says`,
      why: 'each new pod begins without what the old one has piled up',
      safe: 'the same as after a deploy: pods that are not ready get no requests, and the old ones get SIGTERM and their grace period',
      stops: 'Kubernetes itself, when a new pod does not become ready',
      command: restart,
    },
    {
      does: `waits until all pods are new and ready, ${secondsText(wish.timeoutMs)} at most`,
      why: 'a restart that was not seen to end well did not',
      safe: 'only asks',
      stops:
        'the time, or Ctrl-C; the rollout then goes on in the cluster: kubectl rollout undo takes it back',
      command: status,
    },
  ];
  const plan = {
    title: full,
    key: `kubectl ${context ?? ''} ${namespace ?? ''} ${full}`,
    steps,
    startedMs: null,
    processes: null,
    captures: null,
  };
  if (json === null) {
    const gate = refuse('tool', answer.problem, `try it yourself: ${get.join(' ')}`);
    return { ...plan, gates: [gate], units: [] };
  }
  const can = await ask(kubectl('auth', 'can-i', 'patch', full));
  const gates: Gate[] = [
    can.standardOutput.trim().startsWith('yes')
      ? pass('permission', `kubectl may patch ${full}`)
      : refuse('permission', `kubectl may not patch ${full}`, 'use a context that may'),
    ...workloadGates(workload, json, wish.readyUrl !== null),
    await readyGate(wish.readyUrl),
  ].filter((gate) => gate !== null);
  const selector = selectorText(json.spec?.selector ?? {});
  const pods =
    selector === null ? null : await ask(kubectl('get', 'pods', '--selector', selector, '--output', 'json'));
  const running = pods === null ? null : (jsonOf(pods) as PodsJson | null);
  return {
    ...plan,
    startedMs: oldestStartMs(running),
    captures: podToCapture(running),
    key: `kubectl ${json.metadata?.uid ?? plan.key}`,
    gates,
    units: [{ name: full, run: () => rollout(full, restart, status, wish) }],
  };
}

/** As `kubectl --selector` takes it; null where it selects nothing, or in a way that is not known. */
function selectorText({ matchLabels = {}, matchExpressions = [] }: Selector): string | null {
  const parts = [
    ...Object.entries(matchLabels).map((each) => each.join('=')),
    ...matchExpressions.map(({ key, operator, values = [] }) => {
      const among = `(${values.join(',')})`;
      if (operator === 'In') return `${key} in ${among}`;
      if (operator === 'NotIn') return `${key} notin ${among}`;
      if (operator === 'Exists') return key;
      return operator === 'DoesNotExist' ? `!${key}` : null;
    }),
  ];
  return parts.length === 0 || parts.includes(null) ? null : parts.join(',');
}

/** Of one pod, which holds what the others hold. */
function podToCapture(pods: PodsJson | null): string | null {
  const pod = pods?.items?.find(({ status }) =>
    status?.containerStatuses?.some(({ state }) => state?.running),
  );
  const { name, namespace = 'default' } = pod?.metadata ?? {};
  return name === undefined ? null : `pod:${namespace}/${name}`;
}

/** Since when the oldest of their containers has been running; null when none is, or they may not be listed. */
function oldestStartMs(pods: PodsJson | null): number | null {
  const starts = (pods?.items ?? [])
    .flatMap(({ status }) => status?.containerStatuses ?? [])
    .map(({ state }) => Date.parse(state?.running?.startedAt ?? ''))
    .filter((ms) => !Number.isNaN(ms));
  return starts.length === 0 ? null : Math.min(...starts);
}

/** What the workload itself says against a rolling restart. */
function workloadGates({ kind, name }: Workload, json: WorkloadJson, asksItself: boolean): Gate[] {
  const full = `${kind}/${name}`;
  const { spec = {}, status = {}, metadata = {} } = json;
  const daemon = kind === 'daemonset';
  const wanted = daemon ? (status.desiredNumberScheduled ?? 0) : (spec.replicas ?? 1);
  const available = (daemon ? status.numberAvailable : status.availableReplicas) ?? 0;
  const updated = (daemon ? status.updatedNumberScheduled : status.updatedReplicas) ?? 0;
  const behind = (status.observedGeneration ?? 0) < (metadata.generation ?? 0);
  const strategy = spec.strategy ?? spec.updateStrategy ?? {};
  const { maxUnavailable = kind === 'deployment' ? '25%' : 1, maxSurge = kind === 'deployment' ? '25%' : 0 } =
    strategy.rollingUpdate ?? {};
  const surge = share(maxSurge, wanted, Math.ceil);
  // As Kubernetes reckons: one of the two must let it move.
  const unavailable = Math.max(share(maxUnavailable, wanted, Math.floor), surge === 0 ? 1 : 0);
  const probes = (spec.template?.spec?.containers ?? []).filter(
    ({ readinessProbe }) => readinessProbe !== undefined,
  );
  return [
    spec.paused === true
      ? refuse(
          'one-at-a-time',
          `${full} is paused: somebody holds its rollouts`,
          `kubectl rollout resume ${full}, when they agree`,
        )
      : behind || updated < wanted
        ? refuse(
            'one-at-a-time',
            `a rollout of ${full} is going on: ${updated} of ${wanted} pods are new`,
            `kubectl rollout status ${full}`,
          )
        : pass('one-at-a-time', 'no rollout is going on'),
    wanted === 0 || available < wanted
      ? refuse('ready', `${available} of ${wanted} pods are available`, `kubectl describe ${full}`)
      : pass('ready', `${available} of ${wanted} pods are available`),
    strategy.type === 'OnDelete'
      ? refuse(
          'supervisor',
          `${full} has the strategy OnDelete: a rollout replaces nothing by itself`,
          'kubectl delete pod <name>, one after the other',
        )
      : strategy.type === 'Recreate'
        ? refuse(
            'whole-service',
            `${full} has the strategy Recreate: all pods end before the first new one starts`,
            '--accept whole-service="<reason>", or change the strategy',
            true,
          )
        : wanted > 0 && wanted - unavailable < 1
          ? refuse(
              'single-worker',
              `${wanted} of ${wanted} pods may be missing at once (replicas ${wanted}, maxUnavailable ${maxUnavailable}, maxSurge ${maxSurge})`,
              'kubectl scale it up first; or --accept single-worker="<reason>"',
              true,
            )
          : pass('single-worker', `at least ${wanted - unavailable} of ${wanted} pods serve all the time`),
    ...(probes.length === 0
      ? [
          asksItself
            ? note(
                'ready',
                'no container has a readinessProbe: Kubernetes takes a started one for ready; only --ready is asked',
              )
            : refuse(
                'ready',
                'no container has a readinessProbe: Kubernetes takes a started one for ready, and goes on',
                '--ready <address>, or --accept ready="<reason>"',
                true,
              ),
        ]
      : []),
  ];
}

/** `25%` of a number, or a number. */
function share(value: number | string, of: number, round: (value: number) => number): number {
  const percent = /^(\d+)%$/.exec(String(value))?.[1];
  return percent === undefined ? Number(value) : round((Number(percent) / 100) * of);
}

async function rollout(
  full: string,
  restart: readonly string[],
  status: readonly string[],
  { readyUrl, timeoutMs, signal }: OrchestratedWish,
): Promise<Outcome> {
  const startedMs = performance.now();
  const watch = readyUrl === null ? null : new ReadyWatch(readyUrl);
  const outcome = (state: Outcome['state'], says: string): Outcome =>
    orchestratedOutcome(state, says, { startedMs, watch });
  try {
    const began = await runCommand(restart, { signal });
    if (began.code !== 0)
      return outcome(
        signal.aborted ? 'interrupted' : 'failed',
        `${full} was not restarted: ${began.problem}`,
      );
    const ended = await runCommand(status, { signal, timeoutMs: timeoutMs + ASK_TIMEOUT_MS });
    if (ended.code !== 0) {
      return outcome(
        signal.aborted ? 'interrupted' : 'failed',
        `the rollout of ${full} ${signal.aborted ? 'was begun and not waited for' : `did not end: ${ended.problem}. kubectl rollout undo ${full} takes it back`}`,
      );
    }
    const problem = watch?.problem ?? null;
    if (problem !== null) return outcome('failed', `${full} is new; ${problem}`);
    return outcome('done', `all pods of ${full} are new and ready; their memory: stanch confirm, in a while`);
  } finally {
    await watch?.stop();
  }
}
