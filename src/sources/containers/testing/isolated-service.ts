import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

/** A service in namespaces of its own for processes, network and mounts: what a container is for those who look from outside. */
export interface IsolatedService {
  /** Its pid on this machine; its own is 1. */
  readonly hostPid: number;
  /** The first line that it printed. */
  readonly said: string;
  readonly child: ChildProcess;
  /** How a program is run beside it, as the engines do. */
  enter(argv: readonly string[]): string[];
}

const SETUP = 'ip link set lo up && exec "$@"';

/** True where this user may make namespaces: root on most machines. */
export const canIsolate: boolean =
  process.platform === 'linux' &&
  spawnSync('unshare', ['--pid', '--fork', '--mount-proc', '--net', '--', 'sh', '-c', SETUP, 'sh', 'true'])
    .status === 0 &&
  spawnSync('nsenter', ['--version']).status === 0;

export async function isolatedService(argv: readonly string[]): Promise<IsolatedService> {
  const child = spawn(
    'unshare',
    ['--pid', '--fork', '--kill-child', '--mount-proc', '--net', '--', 'sh', '-c', SETUP, 'sh', ...argv],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const [said] = (await once(child.stdout!, 'data')) as [Buffer];
  const hostPid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && parentOf(name) === child.pid);
  const target = ['--target', String(hostPid), '--pid', '--net', '--mount', '--'];
  return {
    hostPid: Number(hostPid),
    said: said.toString().trim(),
    child,
    enter: (inner) => ['nsenter', ...target, ...inner],
  };
}

function parentOf(pid: string): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}
