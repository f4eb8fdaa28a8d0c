import type { Runtime } from './recognise.ts';
import { RUNNERS, SUBCOMMANDS } from './server-titles.ts';

/** What children of Python's multiprocessing run; their own arguments say nothing of the program that they belong to. */
export const SPAWNED_CHILD = 'multiprocessing child';
export const SPAWN_TRACKER = 'multiprocessing resource tracker';
export const FORK_SERVER = 'multiprocessing fork server';

const MULTIPROCESSING: readonly [RegExp, string][] = [
  [/^from multiprocessing\.(spawn|popen_spawn)\b/, SPAWNED_CHILD],
  [/^from multiprocessing\.(resource|semaphore)_tracker\b/, SPAWN_TRACKER],
  [/^from multiprocessing\.forkserver\b/, FORK_SERVER],
];

/** The script or module that an interpreter runs: its first argument that is no option, and what makes that one plain. */
export function roleOfScript(runtime: Runtime, command: readonly string[], program: string): string {
  const [first = '', ...rest] = command;
  // A title that was written over the arguments is one piece of text.
  if (first.includes(' ') && rest.every((each) => each === '')) return first.slice(0, 60);
  for (let at = 0; at < rest.length; at++) {
    const argument = rest[at]!;
    if (runtime === 'python' && argument === '-m') return roleOfModule(rest.slice(at + 1)) ?? program;
    if (runtime === 'jvm' && argument === '-jar') return fileOf(rest[at + 1] ?? program);
    if (/^(-e|-c|--eval|-p|--print|-pe)$/.test(argument)) {
      const code = runtime === 'python' ? (rest[at + 1] ?? '') : '';
      return MULTIPROCESSING.find(([pattern]) => pattern.test(code))?.[1] ?? `${program} ${argument}`;
    }
    if (TAKES_VALUE[runtime]?.test(argument)) at++;
    else if (!argument.startsWith('-') && argument !== '')
      return roleWith(argument, rest.slice(at + 1), runtime);
  }
  return program;
}

/** `python -m gunicorn.app.wsgiapp` is gunicorn; `-m http.server` is what it says. */
function roleOfModule([name, ...rest]: readonly string[]): string | null {
  if (name === undefined) return null;
  return /^(gunicorn|uvicorn|hypercorn|celery|flask|fastapi|granian)\./.test(name)
    ? roleWith(name.slice(0, name.indexOf('.')), rest, 'python')
    : roleWith(name, rest, 'python');
}

function roleWith(script: string, rest: readonly string[], runtime: Runtime): string {
  const name = toolOf(script);
  if (name === 'bundle' && rest[0] === 'exec' && rest[1] !== undefined)
    return roleWith(rest[1], rest.slice(2), runtime);
  const known = SUBCOMMANDS[name];
  const word = known && rest.find((each) => known.test(each));
  if (word !== undefined) return `${name} ${word}`;
  const skips = RUNNERS[name];
  const inner = skips && rest.find((each) => !each.startsWith('-') && !skips.test(each));
  if (inner !== undefined) return `${name} ${scriptName(inner)}`;
  if (name === 'celery') {
    // `celery worker` is what most of them are, and forks: its family tells.
    const other = rest.find((each) => /^(beat|flower|events|multi)$/.test(each));
    return other === undefined || rest.includes('worker') ? name : `${name} ${other}`;
  }
  return runtime === 'jvm' ? script : known || skips ? name : scriptName(script);
}

/** `node_modules/.bin/next` and `node_modules/next/dist/bin/next` are both `next`; `tsx/dist/cli.mjs` is tsx. */
function toolOf(path: string): string {
  const installed = /(?:^|\/)node_modules\/(tsx|ts-node|nodemon|next|nuxt)\/(?:dist|bin)\//.exec(path)?.[1];
  return installed ?? fileOf(path).replace(/^(next|nuxt|nest|ts-node|nodemon|tsx)\.[cm]?js$/, '$1');
}

/** Options whose value is an argument of its own. */
const TAKES_VALUE: { readonly [runtime in Runtime]?: RegExp } = {
  node: /^(-r|--require|--import|--loader|--experimental-loader|-C|--conditions|--env-file|--title)$/,
  ruby: /^(-r|-I|-C|-E)$/,
  python: /^(-W|-X|--check-hash-based-pycs)$/,
  jvm: /^(-cp|-classpath|--class-path|-p|--module-path|--add-opens|--add-modules)$/,
};

/** The last parts of a path: `server/index.js` says more than `index.js`. */
export function scriptName(path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  return /^(index|main|server|app|cli|__main__)\.\w+$/.test(parts.at(-1) ?? '')
    ? parts.slice(-2).join('/')
    : (parts.at(-1) ?? path);
}

export function fileOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
