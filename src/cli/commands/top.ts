import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from '@commander-js/extra-typings';
import { UsageError } from '../../base/errors.ts';
import { type ContainerFacts, listContainers } from '../../sources/containers/container-list.ts';
import { requireEngine } from '../../sources/containers/engine-address.ts';
import { listPods, type PodContainer } from '../../sources/containers/pod-list.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { listProcesses } from '../../sources/processes/process-list.ts';
import {
  groupByTree,
  mostBytesPerHour,
  type ProcessGroup,
  weightBytes,
} from '../../sources/processes/process-tree.ts';
import { type RuntimeFigures, runtimeFigures } from '../../sources/processes/runtime-figures.ts';
import type { Context } from '../context.ts';
import { interruptible } from '../demo/interrupt.ts';
import { finishingLeftOpen } from '../left-open.ts';
import { newCommand, wholeNumber } from '../new-command.ts';
import { jsonText } from '../render/json.ts';
import { type Line, paint } from '../render/text.ts';
import { processKey, type TopLook, topLines } from '../render/top.ts';
import { containerLines, podLines } from '../render/top-containers.ts';

const SHOWN_GROUPS = 15;
const WATCH_EVERY_MS = 2000;
/** Cursor home, and clear to the end of the screen. */
const HOME = '\u001b[H\u001b[J';

/** `stanch top`: which process is it? */
export function topCommand(context: Context): Command {
  const { output } = context;
  const command = newCommand('top', context, [
    ['stanch top', 'the processes of this machine by memory, masters with their workers'],
    ['stanch top --match puma', 'only groups with a process whose role, runtime or command line matches'],
    ['stanch top --containers', 'containers of Docker or podman; --pods: those that your kubectl sees'],
    ['stanch top --metrics', 'asks the services for their own figures of heap and collections'],
    ['stanch top --watch', 'looks again every 2 seconds and shows what grew since it began'],
  ])
    .description('list processes, containers or pods by memory: runtime, role, limit, tree')
    .option('--match <pattern>', 'regular expression on role, runtime, pid, container and command line')
    .option('--limit <n>', `groups to show (${SHOWN_GROUPS})`, wholeNumber)
    .option('--containers', 'list containers, by the socket of Docker or podman (DOCKER_HOST)')
    .option('--pods', 'list pods, by your own kubectl')
    .option('--namespace <name>', 'with --pods: only this namespace')
    .option('--metrics', 'ask /metrics on the ports of each process for heap and collections')
    .option('--watch', 'look again and again, until Ctrl-C')
    .option('--json', 'one JSON document on standard output; with --watch, one a line')
    .action(async ({ match, limit = SHOWN_GROUPS, watch, json, containers, pods, namespace, metrics }) => {
      const pattern = match === undefined ? null : patternOf(match);
      if (namespace !== undefined && !/^[a-z0-9][a-z0-9-]*$/.test(namespace))
        throw new UsageError('--namespace: that is no name of a namespace');
      const wish: Wish = {
        processes: containers !== true && pods !== true,
        containers: containers === true,
        pods: pods === true,
        namespace,
        metrics: metrics === true,
        pattern,
      };
      const text = (look: Look): string => paint(lookLines(look, limit, output.width), output.colours);
      await interruptible(async (signal) => {
        const started = performance.now();
        const first = new Map<string, number>();
        for (;;) {
          const groups = wish.processes ? matching(groupByTree(listProcesses()), pattern) : [];
          const watched = watch
            ? { sinceSeconds: (performance.now() - started) / 1000, growthBytes: growthOf(groups, first) }
            : null;
          const look: Look = { groups, watched, ...(await beyondProcesses(wish, groups, signal)) };
          if (!watch) {
            output.result(json ? jsonText(topDocument(look)) : text(look));
            return;
          }
          output.result(
            json ? `${JSON.stringify(topDocument(look))}\n` : `${output.colours ? HOME : ''}${text(look)}`,
          );
          await delay(WATCH_EVERY_MS, undefined, { signal }).catch(() => undefined);
          if (signal.aborted) return;
        }
      });
    });
  return finishingLeftOpen(command as unknown as Command, context);
}

/** What shall be listed. */
interface Wish {
  readonly processes: boolean;
  readonly containers: boolean;
  readonly pods: boolean;
  readonly namespace: string | undefined;
  readonly metrics: boolean;
  readonly pattern: RegExp | null;
}

/** All that was seen; null is what was not asked for. */
interface Look extends TopLook {
  readonly containers: readonly ContainerFacts[] | null;
  readonly pods: readonly PodContainer[] | null;
}

async function beyondProcesses(
  { containers, pods, namespace, metrics, pattern }: Wish,
  groups: readonly ProcessGroup[],
  signal: AbortSignal,
): Promise<Pick<Look, 'containers' | 'pods' | 'figures'>> {
  const fits = (...words: readonly (string | null)[]): boolean =>
    pattern === null || pattern.test(words.join(' '));
  return {
    containers: containers
      ? (await listContainers({ ...requireEngine(), signal })).filter(({ name, image, id, pod }) =>
          fits(name, image, id, pod?.namespace ?? '', pod?.name ?? ''),
        )
      : null,
    pods: pods
      ? (await listPods({ namespace, signal })).filter((each) =>
          fits(each.namespace, each.pod, each.container, each.image, each.node),
        )
      : null,
    figures: metrics ? await figuresOf(groups, signal) : new Map(),
  };
}

async function figuresOf(
  groups: readonly ProcessGroup[],
  signal: AbortSignal,
): Promise<Map<string, RuntimeFigures>> {
  const all = await Promise.all(
    groups
      .flatMap(({ members }) => members)
      .map(async (process) => [processKey(process), await runtimeFigures(process, signal)] as const),
  );
  return new Map(all.filter((each): each is [string, RuntimeFigures] => each[1] !== null));
}

function lookLines(look: Look, limit: number, width: number): Line[] {
  return [
    ...(look.containers ? containerLines(look.containers, limit, width) : []),
    ...(look.pods ? podLines(look.pods, limit, width) : []),
    ...(look.containers || look.pods ? [] : topLines(look, limit, width)),
  ];
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text, 'i');
  } catch (cause) {
    throw new UsageError(`--match: ${(cause as Error).message}`);
  }
}

/** A group stays whole: a worker without its siblings cannot be judged. */
function matching(groups: readonly ProcessGroup[], pattern: RegExp | null): ProcessGroup[] {
  // Our own command line has the pattern in it.
  return groups.filter(
    ({ members }) =>
      pattern === null ||
      members.some((process) => process.pid !== globalThis.process.pid && pattern.test(textOf(process))),
  );
}

function textOf({ pid, runtime, role, containerId, command }: ProcessFacts): string {
  return [runtime, role, pid, containerId, command.join(' ')].join(' ');
}

/** Against the first time that each process was seen. */
function growthOf(groups: readonly ProcessGroup[], first: Map<string, number>): Map<string, number> {
  const growth = new Map<string, number>();
  for (const process of groups.flatMap(({ members }) => members)) {
    const key = processKey(process);
    const weight = weightBytes(process);
    const before = first.get(key);
    if (before === undefined) first.set(key, weight);
    else growth.set(key, weight - before);
  }
  return growth;
}

/** The promise to programs: `stanch/top@1`. Command lines are left out, they hold secrets often enough. */
function topDocument({ groups, watched, containers, pods, figures }: Look): object {
  return {
    schema: 'stanch/top@1',
    at: new Date().toISOString(),
    watchedSeconds: watched && Math.round(watched.sinceSeconds),
    groups: groups.map(({ root, members, rssBytes, memoryBytes }) => ({
      rootPid: root.pid,
      runtime: root.runtime,
      role: root.role,
      memoryBytes,
      rssBytes,
      processes: members.map((process) => {
        const { command: _, executable, goBuild, ...facts } = process;
        return {
          ...facts,
          executable,
          goVersion: goBuild?.version ?? null,
          goPackage: goBuild?.path ?? null,
          memoryBytes: weightBytes(process),
          growthBytes: watched?.growthBytes.get(processKey(process)) ?? null,
          mostBytesPerHour: mostBytesPerHour(process),
          figures: figures?.get(processKey(process)) ?? null,
        };
      }),
    })),
    containers,
    pods,
  };
}
