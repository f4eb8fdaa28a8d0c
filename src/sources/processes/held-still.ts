import { join } from 'node:path';
import { procText } from './proc-text.ts';

/**
 * Why a process answers nobody at all: `frozen` by its cgroup (`docker pause`, `systemctl freeze`), `stopped` by a signal or a debugger.
 * Null where it runs, or where it cannot be told.
 */
export function heldStill(
  pid: number,
  proc: string = '/proc',
  mount: string = '/sys/fs/cgroup',
): 'frozen' | 'stopped' | null {
  if (/^State:\s+[Tt]/m.test(procText(join(proc, String(pid), 'status')) ?? '')) return 'stopped';
  const cgroups = procText(join(proc, String(pid), 'cgroup')) ?? '';
  // Both tell of what is frozen further up, too. Version 2 lies beside version 1 where both are mounted.
  const [, v1] = /^\d+:(?:[^:]*,)?freezer(?:,[^:]*)?:(.*)$/m.exec(cgroups) ?? [];
  if (v1 !== undefined) {
    const state = procText(join(mount, 'freezer', v1, 'freezer.state'));
    if (state?.trim() === 'FROZEN') return 'frozen';
  }
  const [, v2] = /^0::(.*)$/m.exec(cgroups) ?? [];
  if (v2 === undefined) return null;
  const events = [mount, join(mount, 'unified')].map((at) => procText(join(at, v2, 'cgroup.events')));
  return events.some((text) => /^frozen 1$/m.test(text ?? '')) ? 'frozen' : null;
}
