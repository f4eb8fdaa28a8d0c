import { kubectl, type PodPlace } from './kubectl.ts';
import { parseQuantity } from './quantity.ts';

/** One container of a pod. Sizes in bytes; null is what is not told. */
export interface PodContainer {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly image: string;
  readonly node: string | null;
  readonly running: boolean;
  readonly startedAt: string | null;
  readonly restarts: number;
  /** Why it ended the last time, as `OOMKilled`. */
  readonly lastEnd: string | null;
  readonly limitBytes: number | null;
  readonly requestBytes: number | null;
  /** Working set, from the metrics server; null without one. */
  readonly memoryBytes: number | null;
  readonly containerId: string | null;
  readonly ports: readonly { readonly name: string; readonly port: number }[];
}

interface Pod {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly {
      readonly name: string;
      readonly image?: string;
      readonly ports?: readonly {
        readonly name?: string;
        readonly containerPort: number;
        readonly protocol?: string;
      }[];
      readonly resources?: {
        readonly limits?: { readonly memory?: string };
        readonly requests?: { readonly memory?: string };
      };
    }[];
  };
  readonly status?: {
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly restartCount?: number;
      readonly containerID?: string;
      readonly state?: { readonly running?: { readonly startedAt?: string } };
      readonly lastState?: { readonly terminated?: { readonly reason?: string } };
    }[];
  };
}

export interface PodQuery {
  /** All that the user may see when absent. */
  readonly namespace?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The containers of all pods, most memory first. Two calls of kubectl. */
export async function listPods({ namespace, signal }: PodQuery = {}): Promise<PodContainer[]> {
  const where = namespace === undefined ? ['--all-namespaces'] : ['--namespace', namespace];
  const text = await kubectl(['get', 'pods', ...where, '--output', 'json'], { signal });
  const { items } = JSON.parse(text) as { items: readonly Pod[] };
  // Many clusters have no metrics server: that is no failure.
  const used = await kubectl(['top', 'pod', ...where, '--containers', '--no-headers'], { signal }).catch(
    () => '',
  );
  signal?.throwIfAborted();
  return containersOf(items, usage(used, namespace)).sort(
    (a, b) => (b.memoryBytes ?? 0) - (a.memoryBytes ?? 0),
  );
}

/** One pod with its containers; no figures of use. */
export async function podContainers(
  { namespace, pod }: PodPlace,
  signal?: AbortSignal,
): Promise<PodContainer[]> {
  const text = await kubectl(['get', 'pod', pod, '--namespace', namespace, '--output', 'json'], { signal });
  return containersOf([JSON.parse(text) as Pod], new Map());
}

function containersOf(pods: readonly Pod[], used: ReadonlyMap<string, number>): PodContainer[] {
  return pods.flatMap(({ metadata, spec, status }) =>
    spec.containers.map(({ name, image, ports, resources }) => {
      const state = status?.containerStatuses?.find((each) => each.name === name);
      return {
        namespace: metadata.namespace,
        pod: metadata.name,
        container: name,
        image: image ?? '',
        node: spec.nodeName ?? null,
        running: state?.state?.running !== undefined,
        startedAt: state?.state?.running?.startedAt ?? null,
        restarts: state?.restartCount ?? 0,
        lastEnd: state?.lastState?.terminated?.reason ?? null,
        limitBytes: parseQuantity(resources?.limits?.memory),
        requestBytes: parseQuantity(resources?.requests?.memory),
        memoryBytes: used.get(`${metadata.namespace}/${metadata.name}/${name}`) ?? null,
        containerId: /([0-9a-f]{64})/.exec(state?.containerID ?? '')?.[1] ?? null,
        ports: (ports ?? [])
          .filter(({ protocol = 'TCP' }) => protocol === 'TCP')
          .map((port) => ({ name: port.name ?? '', port: port.containerPort })),
      };
    }),
  );
}

/** `kubectl top pod --containers --no-headers`: [namespace] pod container cpu memory. */
function usage(text: string, namespace: string | undefined): Map<string, number> {
  const used = new Map<string, number>();
  for (const row of text.split('\n')) {
    const cells = row.trim().split(/\s+/);
    if (namespace !== undefined) cells.unshift(namespace);
    const [space, pod, container, , memory] = cells;
    const bytes = parseQuantity(memory);
    if (container !== undefined && bytes !== null) used.set(`${space}/${pod}/${container}`, bytes);
  }
  return used;
}
