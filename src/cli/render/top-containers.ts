import { formatBytes, formatShare } from '../../base/units.ts';
import type { ContainerFacts } from '../../sources/containers/container-list.ts';
import type { PodContainer } from '../../sources/containers/pod-list.ts';
import { table } from './table.ts';
import { type Line, line, type Span, type Style, span } from './text.ts';
import { endCut } from './wrap.ts';

const NEAR_LIMIT = 0.9;
const HALF_WAY = 0.75;

/** Containers by memory for people. */
export function containerLines(containers: readonly ContainerFacts[], limit: number, width: number): Line[] {
  if (containers.length === 0) return [line('no container matches')];
  return [
    ...table(
      [
        { title: 'container' },
        { title: 'memory', align: 'right' },
        { title: 'limit', align: 'right' },
        { title: 'pid', align: 'right' },
        { title: 'restarts', align: 'right' },
        { title: 'image', flexible: true, cut: endCut },
      ],
      containers
        .slice(0, limit)
        .map(({ name, state, memoryBytes, limitBytes, hostPid, restarts, oomKilled, image, pod }) =>
          line(
            state === null || state === 'running' ? span(name, 'strong') : span(`${name} (${state})`, 'dim'),
            memoryBytes === null ? '?' : formatBytes(memoryBytes),
            shareOf(memoryBytes, limitBytes),
            hostPid === null ? '' : String(hostPid),
            restartText(restarts, oomKilled),
            pod === null ? image : `${pod.namespace}/${pod.name}/${pod.container}`,
          ),
        ),
      width,
    ),
    ...leftLine(containers.length - limit),
    line(span(`stanch capture container:${containers[0]!.name}`, 'dim')),
  ];
}

/** Pods by memory for people, a line for each container. */
export function podLines(pods: readonly PodContainer[], limit: number, width: number): Line[] {
  const [worst] = pods;
  if (!worst) return [line('no pod matches')];
  return [
    ...table(
      [
        { title: 'pod' },
        { title: 'container' },
        { title: 'memory', align: 'right' },
        { title: 'limit', align: 'right' },
        { title: 'restarts', align: 'right' },
        { title: 'image', flexible: true, cut: endCut },
      ],
      pods
        .slice(0, limit)
        .map(({ namespace, pod, container, memoryBytes, limitBytes, restarts, lastEnd, image, running }) =>
          line(
            span(`${namespace}/${pod}`, running ? 'strong' : 'dim'),
            container,
            memoryBytes === null ? '?' : formatBytes(memoryBytes),
            shareOf(memoryBytes, limitBytes),
            restartText(restarts, lastEnd === 'OOMKilled'),
            image,
          ),
        ),
      width,
    ),
    ...leftLine(pods.length - limit),
    ...(pods.every(({ memoryBytes }) => memoryBytes === null)
      ? [line(span('memory is not told: `kubectl top pod` needs the metrics server', 'dim'))]
      : []),
    line(span(`stanch capture pod:${worst.namespace}/${worst.pod}/${worst.container}`, 'dim')),
  ];
}

function shareOf(memoryBytes: number | null, limitBytes: number | null): Span {
  if (limitBytes === null) return span('');
  if (memoryBytes === null) return span(formatBytes(limitBytes));
  const share = memoryBytes / limitBytes;
  const style: Style = share >= NEAR_LIMIT ? 'bad-strong' : share >= HALF_WAY ? 'warn' : 'plain';
  return span(`${formatShare(share)} of ${formatBytes(limitBytes)}`, style);
}

function restartText(restarts: number, outOfMemory: boolean): Span {
  return span(
    `${restarts === 0 && !outOfMemory ? '' : restarts}${outOfMemory ? ' (out of memory)' : ''}`,
    outOfMemory ? 'bad-strong' : 'plain',
  );
}

function leftLine(left: number): Line[] {
  return left > 0 ? [line(span(`… and ${left} more (--limit, --json for all)`, 'dim'))] : [];
}
