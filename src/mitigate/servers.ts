import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ProcessFacts } from '../sources/processes/process-facts.ts';

/** What a signal to a master does. */
export interface MasterSignal {
  readonly effect: 'restarts-service' | 'ends-service' | 'takes-workers-away' | 'reloads-workers' | 'other';
  readonly says: string;
}

/** How it is known that something holds: from the server's documentation, or it must be asked of the process. */
export type KnownBy = 'documentation' | 'process' | 'no';

/** What is known of a server that has a master and workers. */
export interface ServerKind {
  readonly id:
    | 'puma'
    | 'unicorn'
    | 'gunicorn'
    | 'uvicorn'
    | 'node-cluster'
    | 'pm2'
    | 'celery'
    | 'sidekiq-swarm';
  readonly title: string;
  readonly isMaster: (process: ProcessFacts) => boolean;
  /** Among the children of a master. */
  readonly isWorker: (process: ProcessFacts) => boolean;
  /** Ends one worker after the requests that it is busy with; null where no signal does. */
  readonly recycle: 'SIGTERM' | 'SIGQUIT' | null;
  readonly graceful: KnownBy;
  readonly replaces: KnownBy;
  /** Where that is from. */
  readonly because: string;
  /** What to do where Stanch does not act. */
  readonly instead: string;
  /** Without `SIG`. */
  readonly masterSignals: Readonly<Record<string, MasterSignal>>;
}

const line = ({ command }: ProcessFacts): string => command.join(' ').trim();
const named =
  (pattern: RegExp) =>
  ({ role }: ProcessFacts): boolean =>
    pattern.test(role);

/** Signals of which Stanch knows what they do to a master; each server's own page, at the version that was read. */
const SERVERS: readonly ServerKind[] = [
  {
    id: 'puma',
    title: 'Puma',
    isMaster: named(/^puma master$/),
    isWorker: named(/^puma worker /),
    recycle: 'SIGTERM',
    graceful: 'documentation',
    replaces: 'documentation',
    because:
      "Puma docs/signals.md: TERM to a worker stops it after its requests, and the cluster's master forks another",
    instead: '',
    masterSignals: {
      USR2: {
        effect: 'restarts-service',
        says: 'USR2 to the master restarts the whole service at once: all workers end, and all that they hold, the evidence too',
      },
      USR1: {
        effect: 'restarts-service',
        says: 'USR1 to the master is a phased restart of all workers, and with preload_app! Puma makes a full restart of it',
      },
      TERM: { effect: 'ends-service', says: 'TERM to the master stops the service' },
      INT: { effect: 'ends-service', says: 'INT to the master stops the service' },
      QUIT: { effect: 'ends-service', says: 'QUIT to the master stops the service' },
      HUP: {
        effect: 'other',
        says: 'HUP to the master reopens its log files, and without a redirection ends it',
      },
      TTIN: { effect: 'other', says: 'TTIN to the master adds a worker' },
      TTOU: { effect: 'takes-workers-away', says: 'TTOU to the master takes a worker away' },
      URG: {
        effect: 'restarts-service',
        says: 'URG to the master forks all workers anew from worker 0 (fork_worker)',
      },
    },
  },
  {
    id: 'unicorn',
    title: 'Unicorn',
    isMaster: named(/^unicorn master$/),
    isWorker: named(/^unicorn worker /),
    // TERM is the quick way there.
    recycle: 'SIGQUIT',
    graceful: 'documentation',
    replaces: 'documentation',
    because: 'Unicorn SIGNALS: QUIT to a worker ends it after its request, and the master starts another',
    instead: '',
    masterSignals: {
      USR2: {
        effect: 'restarts-service',
        says: 'USR2 to the master starts a second master with workers of its own',
      },
      HUP: { effect: 'reloads-workers', says: 'HUP to the master reloads its configuration and all workers' },
      TERM: { effect: 'ends-service', says: 'TERM to the master stops the service at once' },
      INT: { effect: 'ends-service', says: 'INT to the master stops the service at once' },
      QUIT: { effect: 'ends-service', says: 'QUIT to the master stops the service' },
      WINCH: {
        effect: 'takes-workers-away',
        says: 'WINCH to the master stops all workers and keeps the master',
      },
      TTOU: { effect: 'takes-workers-away', says: 'TTOU to the master takes a worker away' },
    },
  },
  {
    id: 'gunicorn',
    title: 'gunicorn',
    isMaster: named(/^gunicorn master$/),
    isWorker: named(/^gunicorn( worker)?$/),
    recycle: 'SIGTERM',
    graceful: 'documentation',
    replaces: 'documentation',
    because:
      'gunicorn docs, Signal Handling: TERM to a worker is a graceful end, and the arbiter keeps the number of workers',
    instead: '',
    masterSignals: {
      HUP: {
        effect: 'reloads-workers',
        says: 'HUP to the master starts new workers with the configuration read again, then ends the old ones gracefully',
      },
      USR2: {
        effect: 'restarts-service',
        says: 'USR2 to the master starts a second master with workers of its own: all memory twice until the first one is told to end',
      },
      USR1: { effect: 'other', says: 'USR1 to the master reopens its log files' },
      TERM: { effect: 'ends-service', says: 'TERM to the master stops the service' },
      INT: { effect: 'ends-service', says: 'INT to the master stops the service at once' },
      QUIT: { effect: 'ends-service', says: 'QUIT to the master stops the service at once' },
      WINCH: { effect: 'takes-workers-away', says: 'WINCH to a master that is a daemon stops all workers' },
      TTOU: { effect: 'takes-workers-away', says: 'TTOU to the master takes a worker away' },
    },
  },
  {
    id: 'uvicorn',
    title: 'Uvicorn',
    isMaster: (process) => /^uvicorn( master)?$/.test(process.role) && /\s--workers\b/.test(line(process)),
    // Its workers are spawned by multiprocessing; the resource tracker beside them serves nothing.
    isWorker: (process) =>
      /\bmultiprocessing[.\w]*\b.*spawn_main|multiprocessing-fork/.test(line(process)) ||
      /^uvicorn$/.test(process.role),
    recycle: 'SIGTERM',
    graceful: 'documentation',
    // Before 0.30 a worker that ended was never replaced: tried with 0.17.
    replaces: 'process',
    because: 'Uvicorn ends gracefully on TERM; its supervisor replaces workers since 0.30',
    instead: 'let gunicorn watch over Uvicorn workers, or restart the service behind its load balancer',
    masterSignals: {
      HUP: {
        effect: 'reloads-workers',
        says: 'HUP to the supervisor restarts its workers one by one, since Uvicorn 0.30',
      },
      TERM: { effect: 'ends-service', says: 'TERM to the supervisor stops the service' },
      INT: { effect: 'ends-service', says: 'INT to the supervisor stops the service' },
      TTOU: { effect: 'takes-workers-away', says: 'TTOU to the supervisor takes a worker away' },
    },
  },
  {
    id: 'pm2',
    title: 'PM2',
    isMaster: (process) => /^PM2 v\S+: God Daemon/.test(line(process)),
    isWorker: ({ runtime }) => runtime === 'node',
    recycle: null,
    graceful: 'no',
    replaces: 'documentation',
    because: 'PM2 restarts what it started',
    instead: 'pm2 reload <name>: new processes first, then the old ones end (cluster mode)',
    masterSignals: {},
  },
  {
    id: 'node-cluster',
    title: 'Node.js cluster',
    isMaster: named(/\(cluster primary\)$/),
    isWorker: ({ runtime, master }) => runtime === 'node' && !master,
    recycle: 'SIGTERM',
    // Node.js installs a handler for SIGTERM of its own: the kernel's mask is the same with and without one of the service.
    graceful: 'process',
    replaces: 'process',
    because:
      'a worker ends gracefully when the service listens to SIGTERM, and is replaced when the primary listens to exit',
    instead: '',
    masterSignals: {
      TERM: { effect: 'ends-service', says: 'TERM to the primary ends the service' },
      INT: { effect: 'ends-service', says: 'INT to the primary ends the service' },
      USR1: { effect: 'other', says: 'USR1 opens the inspector of the primary' },
      USR2: { effect: 'ends-service', says: 'USR2 ends a Node.js process that does not listen to it' },
      HUP: { effect: 'ends-service', says: 'HUP ends a Node.js process that does not listen to it' },
    },
  },
  {
    id: 'celery',
    title: 'Celery',
    isMaster: named(/^celery master$/),
    isWorker: named(/^celery /),
    recycle: null,
    graceful: 'no',
    replaces: 'documentation',
    because: 'TERM to a child of the pool ends its task in the middle',
    instead: 'celery control pool_restart, or --max-memory-per-child for the next start',
    masterSignals: { HUP: { effect: 'restarts-service', says: 'HUP to the worker restarts it' } },
  },
  {
    id: 'sidekiq-swarm',
    title: 'Sidekiq swarm',
    isMaster: named(/^sidekiq swarm master$/),
    isWorker: named(/^sidekiq$/),
    recycle: 'SIGTERM',
    graceful: 'documentation',
    replaces: 'documentation',
    because:
      'Sidekiq Enterprise, Multi-Process: TERM to a child lets it put its jobs back, and the swarm starts another',
    instead: '',
    masterSignals: {
      USR2: { effect: 'restarts-service', says: 'USR2 to the swarm restarts all its children' },
      TERM: { effect: 'ends-service', says: 'TERM to the swarm ends the service' },
    },
  },
];

/** Which server a process is the master of; null when it is none that is known. */
export function serverOf(master: ProcessFacts): ServerKind | null {
  return SERVERS.find(({ isMaster }) => isMaster(master)) ?? null;
}

/**
 * Version of a Python package that a process runs, from the names of the folders beside its script: `<venv>/bin/uvicorn` and
 * `<venv>/lib/python3.11/site-packages/uvicorn-0.30.1.dist-info`. Null when it is not found.
 */
export function pythonPackageVersion(
  { pid, command, executable }: ProcessFacts,
  name: string,
): string | null {
  const root = `/proc/${pid}/root`;
  const prefixes = [...command.slice(0, 3), executable ?? '']
    .filter((path) => path.startsWith('/'))
    .map((path) => dirname(dirname(path)));
  for (const prefix of new Set([...prefixes, '/usr', '/usr/local'])) {
    for (const folder of packageFolders(`${root}${prefix}/lib`)) {
      const entry = namesIn(folder).find((each) =>
        new RegExp(`^${name}-[\\w.]+\\.(dist|egg)-info$`).test(each),
      );
      if (entry) return entry.slice(name.length + 1).replace(/\.(dist|egg)-info$/, '');
    }
  }
  return null;
}

function packageFolders(lib: string): string[] {
  return namesIn(lib)
    .filter((name) => /^python3(\.\d+)?$/.test(name))
    .flatMap((name) => [`${lib}/${name}/site-packages`, `${lib}/${name}/dist-packages`])
    .filter((folder) => existsSync(folder));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** True when version `text` is at least `major.minor`. */
export function isAtLeast(text: string, major: number, minor: number): boolean {
  const [first = 0, second = 0] = text.split('.').map(Number);
  return first > major || (first === major && second >= minor);
}
