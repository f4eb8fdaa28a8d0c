import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from '@commander-js/extra-typings';
import { UsageError } from '../../base/errors.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { listProcesses } from '../../sources/processes/process-list.ts';
import { groupByTree, type ProcessGroup, weightBytes } from '../../sources/processes/process-tree.ts';
import type { Context } from '../context.ts';
import { interruptible } from '../demo/interrupt.ts';
import { newCommand, wholeNumber } from '../new-command.ts';
import { jsonText } from '../render/json.ts';
import { paint } from '../render/text.ts';
import { processKey, type TopLook, topLines } from '../render/top.ts';

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
    ['stanch top --watch', 'looks again every 2 seconds and shows what grew since it began'],
  ])
    .description('list processes by memory: runtime, role, limit, tree')
    .option('--match <pattern>', 'regular expression on role, runtime, pid, container and command line')
    .option('--limit <n>', `groups to show (${SHOWN_GROUPS})`, wholeNumber)
    .option('--watch', 'look again and again, until Ctrl-C')
    .option('--json', 'one JSON document on standard output; with --watch, one a line')
    .action(async ({ match, limit = SHOWN_GROUPS, watch, json }) => {
      const pattern = match === undefined ? null : patternOf(match);
      const look = (): ProcessGroup[] => matching(groupByTree(listProcesses()), pattern);
      if (!watch) {
        const groups = look();
        output.result(
          json
            ? jsonText(topDocument({ groups, watched: null }))
            : paint(topLines({ groups, watched: null }, limit, output.width), output.colours),
        );
        return;
      }
      await interruptible(async (signal) => {
        const started = performance.now();
        const first = new Map<string, number>();
        while (!signal.aborted) {
          const groups = look();
          const watched = {
            sinceSeconds: (performance.now() - started) / 1000,
            growthBytes: growthOf(groups, first),
          };
          output.result(
            json
              ? `${JSON.stringify(topDocument({ groups, watched }))}\n`
              : `${output.colours ? HOME : ''}${paint(topLines({ groups, watched }, limit, output.width), output.colours)}`,
          );
          await delay(WATCH_EVERY_MS, undefined, { signal }).catch(() => undefined);
        }
      });
    });
  return command as unknown as Command;
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
function topDocument({ groups, watched }: TopLook): object {
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
        };
      }),
    })),
  };
}
