import { readdirSync } from 'node:fs';
import { EXIT, StanchError } from '../../base/errors.ts';
import { type BuildInfoCache, type ProcessFacts, readProcess } from './process-facts.ts';
import { withFamily } from './recognise.ts';

/**
 * All processes that can be seen, with their roles settled by their families. Reads /proc only; the dearest part is
 * `smaps_rollup`, for which the kernel walks each address space once.
 *
 * @throws StanchError `no-procfs` (exit code 4) where there is no /proc
 */
export function listProcesses(options: { proc?: string; cgroupMount?: string } = {}): ProcessFacts[] {
  const { proc = '/proc' } = options;
  let names: string[];
  try {
    names = readdirSync(proc).filter((name) => /^\d+$/.test(name));
  } catch (cause) {
    throw new StanchError(`${proc} cannot be read: processes are only listed on Linux`, {
      code: 'no-procfs',
      exitCode: EXIT.unreachable,
      hint: 'give the address of the service to stanch capture instead',
      cause,
    });
  }
  const builds: BuildInfoCache = new Map();
  const processes = names
    .map((name) => readProcess(Number(name), { ...options, builds }))
    .filter((process) => process !== null);
  return withRoles(processes);
}

function withRoles(processes: readonly ProcessFacts[]): ProcessFacts[] {
  const children = new Map<number, ProcessFacts[]>();
  for (const process of processes) {
    const siblings = children.get(process.ppid);
    if (siblings) siblings.push(process);
    else children.set(process.ppid, [process]);
  }
  const byPid = new Map(processes.map((process) => [process.pid, process]));
  return processes.map((process) => {
    const parent = byPid.get(process.ppid);
    const own = (children.get(process.pid) ?? []).map(recognised);
    return { ...process, ...withFamily(recognised(process), own, parent ? recognised(parent) : null) };
  });
}

function recognised({
  runtime,
  role,
  master,
}: ProcessFacts): Pick<ProcessFacts, 'runtime' | 'role' | 'master'> {
  return { runtime, role, master };
}
