import { UsageError } from '../../base/errors.ts';
import { collectGarbage, type HeapPort } from '../../mitigate/collect.ts';
import { planContainers } from '../../mitigate/docker.ts';
import { type EvidenceQuestion, evidenceGate, ownEvidence } from '../../mitigate/evidence-gate.ts';
import { collectionSteps, planCollection } from '../../mitigate/gc-plan.ts';
import { closedAtMs, historyGates, type Limits, pastActs, unfinishedGate } from '../../mitigate/history.ts';
import { planWorkload, workloadOf } from '../../mitigate/kubernetes.ts';
import { settleNodeGates } from '../../mitigate/node-questions.ts';
import type { OrchestratedPlan } from '../../mitigate/orchestrator.ts';
import {
  type Act,
  type ActFacts,
  type Gate,
  type Journal,
  note,
  pass,
  refuse,
  type Step,
} from '../../mitigate/plan.ts';
import { planProcesses } from '../../mitigate/process-plan.ts';
import { readyGate } from '../../mitigate/ready-check.ts';
import { recorded } from '../../mitigate/recorded.ts';
import { type Rolled, roll } from '../../mitigate/roll.ts';
import { runProcessPlan } from '../../mitigate/run-processes.ts';
import { heldBy } from '../../mitigate/tree-lock.ts';
import { lookAt, type WorkerTree } from '../../mitigate/worker-tree.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { processMark } from '../../sources/processes/process-identity.ts';
import { type CaseOfAct, journalOf } from './case-of-act.ts';
import { agentHeap, goHandler, goHeap, nodeAsker, nodeHeap } from './heap-ports.ts';
import type { MitigateOptions } from './options.ts';

/** A plan of any kind, ready to be shown and to be run. */
export interface PreparedAct {
  readonly title: string;
  readonly key: string;
  readonly gates: readonly Gate[];
  readonly steps: readonly Step[];
  readonly workers: readonly ProcessFacts[];
  readonly targets: readonly ProcessFacts[];
  /** Start of the named process, in ticks since boot; null where there is none. */
  readonly started: number | null;
  /** Finds out what could only be known by touching the process. */
  settle(gates: readonly Gate[]): Promise<readonly Gate[]>;
  run(how: { readonly onEvent: (says: string) => void; readonly remarks: string }): Promise<Rolled>;
}

interface Moment {
  readonly lockIsOurs: boolean;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** Finds out what the target is, and plans. Nothing is sent to any process. */
export async function prepareAct(
  target: string,
  act: Act,
  options: MitigateOptions,
  kept: CaseOfAct,
  moment: Moment,
): Promise<PreparedAct> {
  if (/^\d+$/.test(target)) {
    const tree = lookAt(Number(target));
    return act === 'gc'
      ? collection(tree, options, kept, moment)
      : processes(tree, act, options, kept, moment);
  }
  if (act === 'gc') return remoteCollection(target, kept, moment);
  const workload = workloadOf(target, options.namespace, options.kubeContext);
  const wish = {
    ...options,
    coolDownMs: options.everyMs,
    nowMs: moment.now.getTime(),
    signal: moment.signal,
  };
  if (workload !== null) {
    if (act === 'restart')
      throw new UsageError(
        `${target}: of a workload all pods are restarted`,
        `stanch mitigate ${target} rolling-restart`,
      );
    return orchestrated(await planWorkload(workload, wish), target, act, options, kept, moment);
  }
  // As capture takes it.
  const container = target.replace(/^container:/, '');
  if (!/^[a-zA-Z0-9][\w.-]*$/.test(container))
    throw new UsageError(`'${target}' is neither a pid, nor deployment/NAME, nor a container`);
  return orchestrated(await planContainers(container, act, wish), target, act, options, kept, moment);
}

async function processes(
  tree: WorkerTree,
  act: 'restart' | 'rolling-restart',
  options: MitigateOptions,
  kept: CaseOfAct,
  { lockIsOurs, now, signal }: Moment,
): Promise<PreparedAct> {
  const { named, server } = tree;
  const plan = await planProcesses(tree, {
    ...options,
    act,
    limits: limitsOf(options, kept, tree.key, now),
    past: pastActs(kept.records),
    evidence: evidenceOf(String(worthCapturing(tree, options).pid), options, kept),
    lockIsOurs,
    nowMs: now.getTime(),
  });
  const journal = journalOf(kept, `mitigation of process ${named.pid}`);
  return {
    title: server ? `${server.title}, ${named.role} ${named.pid}` : `process ${named.pid}, ${named.role}`,
    key: tree.key,
    gates: plan.gates,
    steps: plan.steps,
    workers: tree.workers,
    targets: plan.targets,
    started: named.startTicks,
    async settle(gates) {
      const [first] = plan.targets;
      if (!first || !gates.some(({ state }) => state === 'later')) return gates;
      const left: string[] = [];
      const asker = nodeAsker(signal, (text) => left.push(text));
      const settled = await settleNodeGates(notAccepted(gates, options), tree, first, asker);
      return [...settled, ...left.map((text) => note('inspector', text))];
    },
    async run({ onEvent, remarks }) {
      await closeCircuit(journal, tree.key, options);
      return runProcessPlan(tree, plan, {
        ...options,
        act,
        journal,
        remarks,
        onEvent,
        signal,
        facts: factsOf(options),
      });
    },
  };
}

/** A worker, not its master: the one that would end, else the one that has most memory. */
function worthCapturing({ named, master, workers }: WorkerTree, { worst }: MitigateOptions): ProcessFacts {
  return worst || named.pid === master?.pid ? (workers[0] ?? named) : named;
}

/** What somebody has accepted needs no question to the process. */
function notAccepted(gates: readonly Gate[], { accept }: MitigateOptions): Gate[] {
  return gates.map((gate) =>
    gate.state === 'later' && accept.has(gate.name) ? { ...gate, state: 'refuse' as const } : gate,
  );
}

async function orchestrated(
  plan: OrchestratedPlan,
  target: string,
  act: 'restart' | 'rolling-restart',
  options: MitigateOptions,
  kept: CaseOfAct,
  { lockIsOurs, now, signal }: Moment,
): Promise<PreparedAct> {
  const { key, title, startedMs, units } = plan;
  const past = pastActs(kept.records);
  const { settle } = unfinishedGate(past, key, () => false);
  const holder = lockIsOurs ? null : heldBy(key);
  const journal = journalOf(kept, `mitigation of ${title}`);
  return {
    title,
    key,
    gates: [
      ...plan.gates,
      evidenceGate({
        ...evidenceOf(plan.captures ?? target, options, kept),
        ...ownEvidence(plan.processes, kept.evidence, (pid) => processMark(pid) !== null),
        startedMs,
      }),
      ...(holder === null
        ? []
        : [
            refuse(
              'one-at-a-time',
              `process ${holder} restarts it at this moment`,
              'wait until it has ended',
            ),
          ]),
      ...historyGates(past, key, now.getTime(), limitsOf(options, kept, key, now)),
    ],
    steps: plan.steps,
    workers: [],
    targets: [],
    started: null,
    settle: async (gates) => gates,
    async run({ onEvent, remarks }) {
      for (const { act: open, says } of settle)
        await journal(says, {
          mitigation: open.id,
          phase: 'outcome',
          act: open.act,
          tree: key,
          outcome: 'settled',
        });
      await closeCircuit(journal, key, options);
      return roll({
        units,
        everyMs: options.everyMs,
        signal,
        async mayGoOn() {
          const gate = await readyGate(options.readyUrl);
          return gate?.state === 'refuse' ? gate.says : null;
        },
        restartOne: async (unit) => {
          onEvent(`restarting ${unit.name}`);
          const says = `${act}: about to restart ${unit.name}${remarks}`;
          return recorded(journal, { act, tree: key, says, facts: factsOf(options) }, unit.run);
        },
      });
    },
  };
}

async function collection(
  tree: WorkerTree,
  options: MitigateOptions,
  kept: CaseOfAct,
  { lockIsOurs, signal }: Moment,
): Promise<PreparedAct> {
  const { named } = tree;
  const { gates, steps } = planCollection(tree, { started: options.started, lockIsOurs });
  const open = async (): Promise<HeapPort> => {
    if (named.runtime === 'node') return nodeHeap(named, signal);
    if (named.runtime === 'ruby' || named.runtime === 'python') return agentHeap(named, signal);
    return goHeap(await goHandler(named, signal), signal);
  };
  return {
    title: `process ${named.pid}, ${named.role}`,
    key: tree.key,
    gates,
    steps,
    workers: tree.workers,
    targets: [named],
    started: named.startTicks,
    settle: async (each) => each,
    run: ({ onEvent }) => collected(kept, `process ${named.pid}`, tree.key, named.pid, open, onEvent),
  };
}

async function remoteCollection(address: string, kept: CaseOfAct, { signal }: Moment): Promise<PreparedAct> {
  if (!/^https?:\/\//.test(address))
    throw new UsageError(`${address}: gc takes a pid or the address of a pprof handler`);
  const base = await goHandler(address, signal);
  return {
    title: base.href,
    key: base.href,
    gates: [pass('runtime', `pprof answers at ${base.href}: a Go program`)],
    steps: collectionSteps(null),
    workers: [],
    targets: [],
    started: null,
    settle: async (each) => each,
    run: ({ onEvent }) =>
      collected(kept, base.href, base.href, null, async () => goHeap(base, signal), onEvent),
  };
}

async function collected(
  kept: CaseOfAct,
  what: string,
  key: string,
  pid: number | null,
  open: () => Promise<HeapPort>,
  onEvent: (says: string) => void,
): Promise<Rolled> {
  const journal = journalOf(kept, `mitigation of ${what}`);
  const outcome = await recorded(
    journal,
    { act: 'gc', tree: key, says: `gc: about to have ${what} collect` },
    async () => {
      const { leftOpen, ...rest } = await collectGarbage(pid, open);
      if (leftOpen !== null) onEvent(leftOpen);
      return leftOpen === null ? rest : { ...rest, says: `${rest.says}. ${leftOpen}` };
    },
  );
  return { outcomes: [outcome], stopped: null };
}

/** A failed restart opens the circuit; whoever closes it says what was found. */
async function closeCircuit(
  journal: Journal,
  tree: string,
  { closeCircuit: found }: MitigateOptions,
): Promise<void> {
  if (found !== null) await journal(`circuit closed: ${found}`, { phase: 'circuit-closed', tree });
}

function limitsOf(
  { everyMs, mostPerHour, closeCircuit: found }: MitigateOptions,
  { records }: CaseOfAct,
  key: string,
  now: Date,
): Limits & { readonly closedMs: number } {
  return {
    coolDownMs: everyMs,
    mostPerHour,
    closedMs: found === null ? closedAtMs(records, key) : now.getTime(),
  };
}

function evidenceOf(
  target: string,
  { withoutEvidence }: MitigateOptions,
  { evidence, folder, exists }: CaseOfAct,
): Pick<EvidenceQuestion, 'evidence' | 'without' | 'capture'> {
  return {
    evidence,
    without: withoutEvidence,
    capture: `stanch capture ${target} -o ${exists ? folder : '<case>'}`,
  };
}

/** What somebody has answered for, for programs that read the timeline. */
function factsOf({ withoutEvidence, accept }: MitigateOptions): ActFacts {
  return {
    ...(withoutEvidence === null ? {} : { withoutEvidence }),
    ...(accept.size === 0
      ? {}
      : { accepted: [...accept].map(([gate, reason]) => `${gate}=${reason}`).join('; ') }),
  };
}
