import { spawnSync } from 'node:child_process';

/** An interpreter that can be started by its name. */
export interface Interpreter {
  readonly command: string;
  /** As `3.14`. */
  readonly version: string;
}

const NAMES = {
  python: ['python3', ...Array.from({ length: 10 }, (_, nth) => `python3.${8 + nth}`)],
  ruby: ['ruby', 'ruby2.7', ...Array.from({ length: 6 }, (_, nth) => `ruby3.${nth}`), 'ruby4.0', 'ruby4.1'],
};
const ASK = {
  python: ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'],
  ruby: ['-robjspace', '-e', 'puts RUBY_VERSION[/\\A\\d+\\.\\d+/]'],
};

/** Every version that is here, once: what is brought into a process depends on it. */
export function interpreters(language: 'python' | 'ruby'): Interpreter[] {
  const found = new Map<string, Interpreter>();
  for (const command of NAMES[language]) {
    const { status, stdout } = spawnSync(command, ASK[language], { encoding: 'utf8' });
    const version = stdout?.trim();
    if (status === 0 && version && !found.has(version)) found.set(version, { command, version });
  }
  return [...found.values()];
}
