import type { Runtime } from './recognise.ts';

/** A title that a server writes over its arguments. */
export interface ServerTitle {
  readonly runtime: Runtime;
  readonly title: RegExp;
  readonly role: (match: RegExpExecArray) => string;
  /** It only watches over workers. */
  readonly master?: true;
}

/** As the servers' own sources have them; the first that fits counts. */
export const SERVER_TITLES: readonly ServerTitle[] = [
  { runtime: 'ruby', title: /^puma: cluster worker (\d+)/, role: ([, at]) => `puma worker ${at}` },
  { runtime: 'ruby', title: /^puma \d\S* \((?!.*\bworker\b)/, role: () => 'puma' },
  {
    runtime: 'ruby',
    title: /^(?:.*\/)?(?:ruby )?sidekiqswarm\b/,
    role: () => 'sidekiq swarm master',
    master: true,
  },
  { runtime: 'ruby', title: /^sidekiq \d/, role: () => 'sidekiq' },
  {
    runtime: 'ruby',
    title: /^(?:\S*\/)?unicorn(?:_rails)? worker\[(\d+)\]/,
    role: ([, at]) => `unicorn worker ${at}`,
  },
  {
    runtime: 'ruby',
    title: /^(?:\S*\/)?unicorn(?:_rails)? master/,
    role: () => 'unicorn master',
    master: true,
  },
  { runtime: 'ruby', title: /^pitchfork .*\bworker\[(\d+)\]/, role: ([, at]) => `pitchfork worker ${at}` },
  { runtime: 'ruby', title: /^pitchfork monitor/, role: () => 'pitchfork master', master: true },
  { runtime: 'ruby', title: /^pitchfork .*\bmold\b/, role: () => 'pitchfork mold', master: true },
  { runtime: 'ruby', title: /^resque-[\d.]+: Forked/, role: () => 'resque job' },
  { runtime: 'ruby', title: /^resque-[\d.]+:/, role: () => 'resque worker' },
  {
    runtime: 'ruby',
    title: /^solid-queue-(?:fork-)?supervisor\b/,
    role: () => 'solid_queue master',
    master: true,
  },
  {
    runtime: 'ruby',
    title: /^solid-queue-(worker|dispatcher|scheduler)\b/,
    role: ([, part]) => `solid_queue ${part}`,
  },
  {
    runtime: 'ruby',
    title: /^Passenger AppPreloader: (.+)/,
    role: ([, app]) => `passenger ${app} (preloader)`,
    master: true,
  },
  { runtime: 'ruby', title: /^Passenger RubyApp: (.+)/, role: ([, app]) => `passenger ${app}` },
  { runtime: 'python', title: /^gunicorn: master/, role: () => 'gunicorn master', master: true },
  { runtime: 'python', title: /^gunicorn: worker/, role: () => 'gunicorn worker' },
  { runtime: 'python', title: /^uWSGI master/, role: () => 'uwsgi master', master: true },
  { runtime: 'python', title: /^uWSGI worker (\d+)/, role: ([, at]) => `uwsgi worker ${at}` },
  { runtime: 'python', title: /^\[celeryd: .*MainProcess\]/, role: () => 'celery master', master: true },
  { runtime: 'python', title: /^\[celeryd: .*?(\w*Worker-\d+)\]/, role: ([, name]) => `celery ${name}` },
  {
    runtime: 'node',
    title: /^PM2 v\S+: God Daemon/,
    role: () => 'pm2 daemon',
    master: true,
  },
  { runtime: 'node', title: /^next-server\b/, role: () => 'next-server' },
  { runtime: 'node', title: /^next-(router|render)-worker/, role: ([, part]) => `next ${part} worker` },
];

/**
 * Servers of Python whose workers show the same arguments as their master, or are children of multiprocessing: only the family tells them
 * apart.
 */
export const FORKING_SERVER: RegExp =
  /^(gunicorn|uvicorn|hypercorn|granian|uwsgi|celery|fastapi run|flask run|manage\.py runserver)$/;

/** Programs of Node.js that start the real one as their child, and only wait for it. */
export const LAUNCHER: RegExp =
  /^(tsx|ts-node(?:-\w+)?|nodemon|next|nest|nuxt|dotenv|env-cmd|cross-env|pm2-runtime|forever|babel-node)(?![\w-])/;

/** What programs have as their first word: without it their role says little. */
export const SUBCOMMANDS: Readonly<Record<string, RegExp>> = {
  rails: /^(server|s|console|c|runner|r)$/,
  flask: /^run$/,
  fastapi: /^(run|dev)$/,
  'manage.py': /^[a-z_]+$/,
  next: /^(start|dev)$/,
  nest: /^start$/,
  nuxt: /^(start|dev|preview)$/,
};

/** Programs that run a script, which says more than they do; the value is how many words stand before it. */
export const RUNNERS: Readonly<Record<string, RegExp>> = {
  tsx: /^(watch)$/,
  'ts-node': /^$/,
  'ts-node-dev': /^$/,
  'ts-node-esm': /^$/,
  'babel-node': /^$/,
  nodemon: /^$/,
};
