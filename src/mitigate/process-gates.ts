import { procText } from '../sources/processes/proc-text.ts';
import type { ProcessFacts } from '../sources/processes/process-facts.ts';
import { signalAction } from '../sources/processes/signals.ts';
import { booted } from './booted.ts';
import { secondsText } from './history.ts';
import { type Gate, note, pass, refuse } from './plan.ts';
import { isAtLeast, pythonPackageVersion } from './servers.ts';
import { heldBy } from './tree-lock.ts';
import { systemdUnit, type WorkerTree } from './worker-tree.ts';

const SIGNALS = { SIGTERM: 15, SIGQUIT: 3 } as const;
/** Below this age a worker may still be loading what it needs. */
const SAME_START_SECONDS = 60;

/** A pid may be given again between the plan and the act: the start time, in ticks since boot, tells. */
export function identityGate({ pid, startTicks, role }: ProcessFacts, started: number | null): Gate {
  if (started === null) return note('identity', `process ${pid} is ${role}, started at tick ${startTicks}`);
  if (started === startTicks) return pass('identity', `process ${pid} is the ${role} that was meant`);
  return refuse(
    'identity',
    `process ${pid} is not the one that was meant: it started at tick ${startTicks}, not ${started}`,
    'make a new plan: stanch top shows who is who',
  );
}

/** Signals are for the owner of a process and for root. */
export function permissionGate(processes: readonly ProcessFacts[]): Gate {
  const denied = processes.find(({ pid }) => !maySignal(pid));
  if (!denied) return pass('permission', 'this user may signal it');
  return refuse(
    'permission',
    `process ${denied.pid} belongs to user ${denied.uid}, and this user may not signal it`,
    'run it as the user of the service, or as root',
  );
}

function maySignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EPERM';
  }
}

/** `restart` is for one worker; a master serves nothing, and restarting it restarts all. */
export function workerGate(
  { named, master, server, workers }: WorkerTree,
  target: ProcessFacts | null,
): Gate {
  if (target !== null && target.pid !== named.pid)
    return pass(
      'role',
      `process ${target.pid} has most memory of the ${workers.length} workers of ${named.pid}`,
    );
  if (named.pid === master?.pid || named.master) {
    const worst = workers[0];
    return refuse(
      'role',
      `process ${named.pid} is the ${named.role}: it serves nothing, and its restart would be one of the whole service`,
      worst
        ? `--worst takes the worker that has most memory (${worst.pid} now); rolling-restart takes one after the other`
        : 'name a worker',
    );
  }
  return pass('role', `process ${named.pid} is ${server ? `a worker of ${server.title}` : named.role}`);
}

/** Who starts a new one. Without anybody a restart is an end. */
export function supervisorGate(tree: WorkerTree): Gate {
  const { named, server, master, workers } = tree;
  if (!server || !master) return loneGate(named);
  if (server.recycle === null)
    return refuse('supervisor', `${server.title}: ${server.because}`, server.instead);
  if (server.replaces === 'documentation') return pass('supervisor', server.because);
  const replaced = observedReplacement(master, workers);
  if (server.id === 'uvicorn') {
    const version = pythonPackageVersion(master, 'uvicorn');
    if (version !== null && isAtLeast(version, 0, 30))
      return pass('supervisor', `Uvicorn ${version}: ${server.because}`);
    if (replaced !== null) return pass('supervisor', replaced);
    return refuse(
      'supervisor',
      version === null
        ? `the version of Uvicorn cannot be told; ${server.because}`
        : `Uvicorn ${version} does not replace a worker that has ended, only 0.30 and newer do`,
      server.instead,
      version === null,
    );
  }
  if (replaced !== null) return pass('supervisor', replaced);
  return {
    name: 'supervisor',
    state: 'later',
    says: 'whether the primary forks another is asked of it (listeners of cluster "exit"), through its inspector',
    next: null,
    acceptable: true,
  };
}

/** A worker much younger than its master and than another worker was started in place of one that ended. */
function observedReplacement(master: ProcessFacts, workers: readonly ProcessFacts[]): string | null {
  const ages = workers.map(({ ageSeconds }) => ageSeconds ?? Number.NaN);
  const [youngest, oldest] = [Math.min(...ages), Math.max(...ages)];
  if (!(oldest - youngest > SAME_START_SECONDS) || master.ageSeconds === null) return null;
  return master.ageSeconds - oldest < SAME_START_SECONDS
    ? `its master has started a worker ${youngest} s ago, long after the others: it replaces those that end`
    : null;
}

function loneGate(process: ProcessFacts): Gate {
  const { pid, pidInside, containerId, podUid, role } = process;
  const elsewhere =
    podUid !== null
      ? 'stanch mitigate deployment/<name> rolling-restart -n <namespace>'
      : containerId !== null
        ? `stanch mitigate ${containerId.slice(0, 12)} rolling-restart`
        : null;
  if (pidInside === 1 && (containerId !== null || pidInside !== pid)) {
    return refuse(
      'supervisor',
      `process ${pid} is pid 1 of its container: a signal that ends it ends the container`,
      elsewhere ?? 'restart it where its container was started: stanch mitigate <container> rolling-restart',
    );
  }
  const unit = systemdUnit(pid);
  return refuse(
    'supervisor',
    `${role} is one process without a master: nobody is known to start it again, and until then it is an outage`,
    elsewhere ??
      (unit === null
        ? 'run it behind a load balancer and restart one replica: kubectl rollout restart deployment/<name>, or docker restart <container>'
        : `systemctl restart ${unit}, if a second replica serves meanwhile`),
  );
}

/** One worker alone is the service. */
export function singleWorkerGate(
  { workers }: WorkerTree,
  boots: string = 'until a new one has booted',
): Gate {
  if (workers.length !== 1)
    return pass('single-worker', `${workers.length} workers: the others serve meanwhile`);
  return refuse(
    'single-worker',
    `it is the only worker: nobody serves ${boots}`,
    '--accept single-worker="<reason>", where requests may wait so long',
    true,
  );
}

/** What the worker does with the signal. Node.js, Go and Ruby always handle SIGTERM, whether the service listens or not: their masks tell nothing. */
export function gracefulGate({ server }: WorkerTree, target: ProcessFacts): Gate {
  const signal = server?.recycle;
  if (!server || !signal)
    return refuse('graceful', 'no signal is known that ends it gracefully', 'see the supervisor gate');
  const action = signalAction(procText(`/proc/${target.pid}/status`) ?? '', SIGNALS[signal]);
  if (action === 'default' || action === 'ignored') {
    return refuse(
      'graceful',
      action === 'default'
        ? `process ${target.pid} does not handle ${signal}: it would end at once, in the middle of its requests`
        : `process ${target.pid} ignores ${signal}`,
      'wait until it has booted, or restart it where it was started',
    );
  }
  if (server.graceful === 'process') {
    return {
      name: 'graceful',
      state: 'later',
      says: `whether the service listens to ${signal} is asked of the worker, through its inspector: Node.js always handles it, so the kernel's mask tells nothing`,
      next: null,
      acceptable: true,
    };
  }
  return pass('graceful', `${signal} ends process ${target.pid} after its requests: it handles it`);
}

/** One at a time: nobody else acts, and all siblings serve. */
export function oneAtATimeGate(
  { server, workers, key }: WorkerTree,
  targets: readonly ProcessFacts[],
  coolDownMs: number,
  lockIsOurs: boolean = false,
): Gate {
  const holder = lockIsOurs ? null : heldBy(key);
  if (holder !== null) {
    return refuse(
      'one-at-a-time',
      `process ${holder} restarts a worker of this service at this moment`,
      'wait until it has ended',
    );
  }
  const siblings = workers.filter((worker) => !targets.includes(worker));
  const booting = server ? siblings.find(({ pid }) => booted(server, pid) === 'no') : undefined;
  if (booting) {
    return refuse(
      'one-at-a-time',
      `worker ${booting.pid} still boots: a second one now would leave fewer that serve`,
      'wait until it serves',
    );
  }
  const young = siblings.find(({ ageSeconds }) => ageSeconds !== null && ageSeconds * 1000 < coolDownMs);
  if (young) {
    return refuse(
      'one-at-a-time',
      `worker ${young.pid} is only ${young.ageSeconds} s old, ${secondsText(coolDownMs)} are between two`,
      `wait ${secondsText(coolDownMs - young.ageSeconds! * 1000)}; --every sets the time`,
    );
  }
  return pass(
    'one-at-a-time',
    siblings.length === 0
      ? 'it has no siblings'
      : siblings.length === 1
        ? 'its sibling is at work'
        : `${siblings.length} workers, all at work`,
  );
}

/** Whether a signal that somebody wants to send to a master would do more than they mean. */
export function signalGate({ named, server, master }: WorkerTree, signal: string): Gate {
  if (named.pid !== master?.pid || !server) {
    return refuse(
      'whole-service',
      `--signal ${signal}: signals are chosen by Stanch for workers; only a master that is known may be given one`,
      'leave --signal out',
    );
  }
  const known = server.masterSignals[signal];
  if (known?.effect === 'reloads-workers') return pass('whole-service', known.says);
  return refuse(
    'whole-service',
    known?.says ?? `what ${signal} does to a ${server.title} master is not known`,
    'rolling-restart without --signal takes one worker after the other',
  );
}

/** A reload starts new workers beside the old ones: for a while all are there twice. */
export function headroomGate({ master, workers }: WorkerTree): Gate {
  const left = master?.room.headroomBytes ?? null;
  const least = Math.min(...workers.map(({ anonymousBytes, rssBytes }) => anonymousBytes ?? rssBytes));
  const needBytes = workers.length === 0 ? 0 : least * workers.length;
  const says = `${workers.length} new workers beside the old ones may take ${Math.round(needBytes / 1e6)} MB`;
  if (left === null) return note('headroom', `${says}; what is left cannot be seen`);
  if (left >= needBytes) return pass('headroom', `${says}; ${Math.round(left / 1e6)} MB are left`);
  return refuse(
    'headroom',
    `${says}; only ${Math.round(left / 1e6)} MB are left`,
    'rolling-restart without --signal ends each worker before its successor starts',
  );
}
