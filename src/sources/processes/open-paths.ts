import { readdirSync } from 'node:fs';
import { procLink } from './proc-text.ts';

/** Where the open descriptors of a process lead; null when they may not be seen. */
export function openPaths(pid: number, proc: string = '/proc'): string[] | null {
  try {
    return readdirSync(`${proc}/${pid}/fd`)
      .map((name) => procLink(`${proc}/${pid}/fd/${name}`))
      .filter((path) => path !== null);
  } catch {
    return null;
  }
}
