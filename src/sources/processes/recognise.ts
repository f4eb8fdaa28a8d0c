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
  /** Whether a `.go.buildinfo` section is in the program. */
  readonly go: boolean;
}

const BY_PROGRAM: readonly [Runtime, RegExp][] = [
  ['node', /^(node|nodejs|iojs)(-?\d[\d.]*)?$/],
  ['ruby', /^ruby(-?\d[\d.]*)?$/],
  ['python', /^(python|pypy)(\d[\d.]*)?$/],
  ['jvm', /^java$/],
];

/** Titles of servers, as they write them over their arguments. */
const TITLES: readonly {
  runtime: Runtime;
  title: RegExp;
  role: (match: RegExpExecArray) => string;
  master?: true;
}[] = [
  { runtime: 'ruby', title: /^puma: cluster worker (\d+)/, role: ([, at]) => `puma worker ${at}` },
  { runtime: 'ruby', title: /^puma \d\S* \((?!.*\bworker\b)/, role: () => 'puma' },
  {
    runtime: 'ruby',
    title: /^(?:.*\/)?(?:ruby )?sidekiqswarm\b/,
    role: () => 'sidekiq swarm master',
    master: true,
  },
  { runtime: 'ruby', title: /^sidekiq \d/, role: () => 'sidekiq' },
  { runtime: 'ruby', title: /^unicorn(?:_rails)? worker\[(\d+)\]/, role: ([, at]) => `unicorn worker ${at}` },
  { runtime: 'ruby', title: /^unicorn(?:_rails)? master/, role: () => 'unicorn master', master: true },
  { runtime: 'ruby', title: /^resque-[\d.]+: Forked/, role: () => 'resque job' },
  { runtime: 'ruby', title: /^resque-[\d.]+:/, role: () => 'resque worker' },
  { runtime: 'ruby', title: /^Passenger RubyApp: (.+)/, role: ([, app]) => `passenger ${app}` },
  { runtime: 'python', title: /^gunicorn: master/, role: () => 'gunicorn master', master: true },
  { runtime: 'python', title: /^gunicorn: worker/, role: () => 'gunicorn worker' },
  { runtime: 'python', title: /^\[celeryd: .*MainProcess\]/, role: () => 'celery master', master: true },
  { runtime: 'python', title: /^\[celeryd: .*?(\w*Worker-\d+)\]/, role: ([, name]) => `celery ${name}` },
];

/** Dumps that the agents write are processes for a while; they are nobody's leak. */
const OWN_CHILD = /^stanch: /;

/** Recognises a process by what it shows; roles that need the family are settled by `withFamily`. */
export function recognise({ command, executable, name, go }: Looks): Recognised {
  const line = command.join(' ').trim();
  const program = fileOf(executable?.replace(/ \(deleted\)$/, '') ?? command[0] ?? name);
  const byProgram = BY_PROGRAM.find(([, pattern]) => pattern.test(program))?.[0] ?? null;
  if (OWN_CHILD.test(line)) return { runtime: byProgram, role: 'a dump being written', master: false };
  for (const { runtime, title, role, master = false } of TITLES) {
    if (byProgram !== null && byProgram !== runtime) continue;
    const match = title.exec(line);
    if (match) return { runtime, role: role(match), master };
  }
  if (byProgram !== null)
    return { runtime: byProgram, role: roleOfScript(byProgram, command, program), master: false };
  if (go) return { runtime: 'go', role: fileOf(command[0] ?? program), master: false };
  return { runtime: null, role: fileOf(command[0]?.split(' ')[0] || name), master: false };
}

/**
 * Settles what only children tell: a server whose workers are its children is their master.
 *
 * @param children what the children of the process were recognised as
 */
export function withFamily(self: Recognised, children: readonly Recognised[]): Recognised {
  if (self.master) return self;
  const same = children.filter(
    ({ runtime, role }) => runtime === self.runtime && role !== 'a dump being written',
  );
  if (self.role === 'puma' && same.some(({ role }) => role.startsWith('puma worker')))
    return { ...self, role: 'puma master', master: true };
  // gunicorn without setproctitle, `uvicorn --workers` and the like: all have the same arguments.
  if (self.runtime === 'python' && /^(gunicorn|uvicorn|hypercorn|uwsgi|celery)$/.test(self.role)) {
    if (same.some(({ role }) => role === self.role || role.includes('spawn')))
      return { ...self, role: `${self.role} master`, master: true };
  }
  if (self.runtime === 'node' && same.some(({ role }) => role === self.role))
    return { ...self, role: `${self.role} (cluster primary)`, master: true };
  return self;
}

/** The script or module that an interpreter runs: its first argument that is no option. */
function roleOfScript(runtime: Runtime, command: readonly string[], program: string): string {
  const [first = '', ...rest] = command;
  // A title that was written over the arguments is one piece of text.
  if (first.includes(' ') && rest.every((each) => each === '')) return first.slice(0, 60);
  for (let at = 0; at < rest.length; at++) {
    const argument = rest[at]!;
    if (runtime === 'python' && argument === '-m') return rest[at + 1] ?? program;
    if (runtime === 'jvm' && argument === '-jar') return fileOf(rest[at + 1] ?? program);
    if (/^(-e|-c|--eval|-p|--print|-pe)$/.test(argument)) return `${program} ${argument}`;
    if (TAKES_VALUE[runtime]?.test(argument)) at++;
    else if (!argument.startsWith('-') && argument !== '') return scriptName(argument);
  }
  return program;
}

/** Options whose value is an argument of its own. */
const TAKES_VALUE: { readonly [runtime in Runtime]?: RegExp } = {
  node: /^(-r|--require|--import|--loader|--experimental-loader|-C|--conditions|--env-file|--title)$/,
  ruby: /^(-r|-I|-C|-E)$/,
  python: /^(-W|-X|--check-hash-based-pycs)$/,
  jvm: /^(-cp|-classpath|--class-path|-p|--module-path|--add-opens|--add-modules)$/,
};

/** The last parts of a path: `server/index.js` says more than `index.js`. */
function scriptName(path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  return /^(index|main|server|app|cli|__main__)\.\w+$/.test(parts.at(-1) ?? '')
    ? parts.slice(-2).join('/')
    : (parts.at(-1) ?? path);
}

function fileOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
