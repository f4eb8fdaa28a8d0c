import {
  FORK_SERVER,
  fileOf,
  roleOfScript,
  SPAWN_TRACKER,
  SPAWNED_CHILD,
  scriptName,
} from './script-role.ts';
import { FORKING_SERVER, LAUNCHER, SERVER_TITLES } from './server-titles.ts';

/** The runtimes that a leak is looked for in; `jvm` is known so that it can be said that it is not yet supported. */
export type Runtime = 'node' | 'go' | 'ruby' | 'python' | 'jvm';

/** What a process seems to be. */
export interface Recognised {
  readonly runtime: Runtime | null;
  /** As `puma worker 1`, `gunicorn master`; the script or program where nothing better is known. */
  readonly role: string;
  /** A master only watches over workers: it serves nothing, and its memory is not where a leak is. */
  readonly master: boolean;
}

/** What is looked at. */
export interface Looks {
  /** Arguments, as the process shows them now: servers write titles there. */
  readonly command: readonly string[];
  /** Path of the program; null when it may not be seen. */
  readonly executable: string | null;
  /** `comm`, at most 15 characters. */
  readonly name: string;
  /** Whether what the Go linker writes is in the program. */
  readonly go: boolean;
}

const BY_PROGRAM: readonly [Runtime, RegExp][] = [
  ['node', /^(node|nodejs|iojs)(-?\d[\d.]*)?$/],
  ['ruby', /^ruby(-?\d[\d.]*)?$/],
  // Free-threaded and debug builds carry a letter.
  ['python', /^(python|pypy)(\d[\d.]*)?[td]?(-dbg)?$/],
  ['jvm', /^java$/],
];

/** Programs that run services as well, and of which Stanch takes no dumps: it shall say so, instead of not knowing them. */
const NOT_SUPPORTED: readonly [RegExp, string][] = [
  [/^bun(-\w+)?$/, 'Bun'],
  [/^deno$/, 'Deno'],
  [/^java$/, 'the JVM'],
  [/^dotnet$/, '.NET'],
  [/^php(-?fpm|-cgi)?-?[\d.]*$/, 'PHP'],
  [/^beam(\.smp)?$/, 'Erlang and Elixir'],
];

/** Dumps that the agents write are processes for a while; they are nobody's leak. */
const OWN_CHILD = /^stanch: /;
const DUMP_ROLE = 'a dump being written';
const HELPERS: ReadonlySet<string> = new Set([DUMP_ROLE, SPAWN_TRACKER, FORK_SERVER]);

/** True for what stands beside the workers of a service and serves nothing: dumps being written, helpers of multiprocessing. */
export function isHelper({ role }: Pick<Recognised, 'role'>): boolean {
  return HELPERS.has(role);
}

/** The name of a runtime of which no dump can be taken, for messages; null for all others. */
export function notSupported({ executable, command, name }: Omit<Looks, 'go'>): string | null {
  const program = programOf(executable, command, name);
  return NOT_SUPPORTED.find(([pattern]) => pattern.test(program))?.[1] ?? null;
}

/** Recognises a process by what it shows; roles that need the family are settled by `withFamily`. */
export function recognise({ command, executable, name, go }: Looks): Recognised {
  const line = command.join(' ').trim();
  const program = programOf(executable, command, name);
  const byProgram = BY_PROGRAM.find(([, pattern]) => pattern.test(program))?.[0] ?? null;
  if (OWN_CHILD.test(line)) return { runtime: byProgram, role: DUMP_ROLE, master: false };
  for (const { runtime, title, role, master = false } of SERVER_TITLES) {
    if (byProgram !== null && byProgram !== runtime) continue;
    const match = title.exec(line);
    if (match) return { runtime, role: role(match), master };
  }
  if (byProgram !== null)
    return { runtime: byProgram, role: roleOfScript(byProgram, command, program), master: false };
  if (go) return { runtime: 'go', role: fileOf(command[0] ?? program), master: false };
  const own = fileOf(command[0]?.split(' ')[0] || name);
  const script = /^(bun|deno)$/.test(own) && command.slice(1).find((each) => /\.[cm]?[jt]sx?$/.test(each));
  return { runtime: null, role: script ? `${own} ${scriptName(script)}` : own, master: false };
}

/**
 * Settles what only the family tells: a server whose workers are its children is their master, and a child of multiprocessing belongs to the
 * program that spawned it.
 *
 * @param children what the children of the process were recognised as
 * @param parent what its parent was recognised as
 */
export function withFamily(
  self: Recognised,
  children: readonly Recognised[],
  parent: Recognised | null = null,
): Recognised {
  if (self.master || isHelper(self)) return self;
  const same = children.filter((child) => child.runtime === self.runtime && !isHelper(child));
  const ofParent = parent?.runtime === self.runtime ? parent : null;
  if (self.runtime === 'python') return pythonFamily(self, same, ofParent);
  if (self.role === 'puma' && same.some(({ role }) => role.startsWith('puma worker')))
    return { ...self, role: 'puma master', master: true };
  if (self.runtime === 'node' && same.length > 0) {
    if (LAUNCHER.test(self.role)) return { ...self, role: `${self.role} (launcher)`, master: true };
    if (same.some(({ role }) => role === self.role))
      return { ...self, role: `${self.role} (cluster primary)`, master: true };
  }
  return self;
}

function pythonFamily(self: Recognised, same: readonly Recognised[], parent: Recognised | null): Recognised {
  const server = parent && FORKING_SERVER.exec(parent.role)?.[1];
  if (self.role === SPAWNED_CHILD && parent)
    return { ...self, role: server ? `${server} worker` : `child of ${parent.role}` };
  // A worker that has started something is no master: its own parent is.
  if (server && parent.role === self.role) return { ...self, role: `${server} worker` };
  // gunicorn without setproctitle, `uvicorn --workers` and the like.
  if (FORKING_SERVER.test(self.role) && same.some(({ role }) => role === self.role || role === SPAWNED_CHILD))
    return { ...self, role: `${self.role} master`, master: true };
  return self;
}

function programOf(executable: string | null, command: readonly string[], name: string): string {
  return fileOf(executable?.replace(/ \(deleted\)$/, '') ?? command[0] ?? name);
}
