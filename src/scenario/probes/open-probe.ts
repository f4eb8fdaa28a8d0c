import { EXIT, StanchError, UsageError } from '../../base/errors.ts';
import { inspectorAt } from '../../capture/probes/inspector-at.ts';
import { pprofBase } from '../../capture/targets/go.ts';
import { prepareTarget } from '../../capture/targets/prepare.ts';
import type { CaptureWish, PreparedTarget } from '../../capture/targets/target.ts';
import { collectByAgent, offersCollection } from '../../mitigate/agent-collection.ts';
import { listenersAround, ownerOfSocket } from '../../sources/processes/listening-ports.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { listProcesses } from '../../sources/processes/process-list.ts';
import { heaviestWorker } from '../../sources/processes/process-tree.ts';
import type { LightCounts } from '../run-result.ts';
import { goProbe, goProcessProbe } from './go.ts';
import { nodeAddressProbe, nodeProcessProbe } from './node.ts';
import { evidenceOf, type Probe } from './probe.ts';
import { procCounts } from './proc-counts.ts';

/**
 * Finds out what a target is and how it can be looked at.
 *
 * @param target a pid, or the address of an inspector, a pprof handler, an agent, or of a service of this machine
 * @throws StanchError when there is no such process
 */
export async function openProbe(target: number | string, wish: CaptureWish): Promise<Probe> {
  if (typeof target === 'number' || /^\d+$/.test(target)) return processProbe(factsOf(Number(target)), wish);
  if (!URL.canParse(target)) throw new UsageError(`'${target}' is neither a pid nor an address`);
  const url = new URL(target);
  const facts = processAt(url);
  if (/^wss?:$/.test(url.protocol)) return nodeAddressProbe(target, facts, wish);
  const inspector = url.port === '' ? null : await inspectorAt(url.hostname, Number(url.port), wish.signal);
  if (inspector !== null) return nodeAddressProbe(inspector, facts, wish);
  const handler = await pprofBase(url.href, wish.signal).catch(() => null);
  wish.signal.throwIfAborted();
  if (handler) return goProbe(handler, facts?.runtime === 'go' ? facts : null, wish);
  if (facts) return processProbe(facts, wish);
  return withEvidence(url.href, null, await prepareTarget(url.href, wish), wish.signal);
}

/** The process that listens at an address of this machine; null for others. */
function processAt({ hostname, port, protocol }: URL): ProcessFacts | null {
  if (hostname !== 'localhost' && hostname !== '[::1]' && !hostname.startsWith('127.')) return null;
  const number = Number(port || (/s:$/.test(protocol) ? 443 : 80));
  const listener = listenersAround(process.pid).find((each) => each.port === number);
  const pid = listener ? ownerOfSocket(listener.inode) : null;
  return listProcesses().find((each) => each.pid === pid) ?? null;
}

async function processProbe(given: ProcessFacts, wish: CaptureWish): Promise<Probe> {
  // A master serves nothing; with one worker it is clear who does.
  const facts = (given.master ? heaviestWorker(given, listProcesses()) : null) ?? given;
  if (facts.runtime === 'node') return nodeProcessProbe(facts, wish);
  if (facts.runtime === 'go') {
    const probe = await goProcessProbe(facts, wish);
    return probe ?? kernelOnly(facts, 'no pprof handler answers on its ports');
  }
  if (facts.runtime === 'ruby' || facts.runtime === 'python') {
    try {
      return withEvidence(
        `process ${facts.pid}`,
        facts,
        await prepareTarget(String(facts.pid), wish),
        wish.signal,
      );
    } catch (error) {
      wish.signal.throwIfAborted();
      if (!(error instanceof StanchError)) throw error;
      return kernelOnly(facts, error.message);
    }
  }
  return kernelOnly(facts, `'${facts.role}' is no runtime that dumps can be had of`);
}

/** Ruby and Python: dumps and collections through their agents, where those are loaded. */
function withEvidence(
  target: string,
  facts: ProcessFacts | null,
  prepared: PreparedTarget,
  signal: AbortSignal,
): Probe {
  if (facts && offersCollection(facts)) return withAgent(target, facts, prepared, signal);
  return {
    target,
    runtime: facts?.runtime ?? prepared.preFlight.runtime,
    ...evidenceOf(prepared),
    collectGarbage: () => Promise.resolve(false),
    counts: () => Promise.resolve(procCounts(facts?.pid ?? prepared.preFlight.pid)),
    close: () => prepared.close(),
  };
}

function withAgent(
  target: string,
  facts: ProcessFacts,
  prepared: PreparedTarget,
  signal: AbortSignal,
): Probe {
  let alive: LightCounts = {};
  return {
    target,
    runtime: facts.runtime,
    ...evidenceOf(prepared),
    async collectGarbage() {
      const wish = { measure: true, patient: true };
      const { after } = await collectByAgent(facts, wish, signal);
      const { liveBytes, liveObjects, liveBlocks } = after;
      alive = {
        ...(liveBytes === undefined ? {} : { live_memory_bytes: liveBytes }),
        ...(liveObjects === undefined ? {} : { live_objects: liveObjects }),
        ...(liveBlocks == null ? {} : { live_blocks: liveBlocks }),
      };
      return true;
    },
    counts: () => Promise.resolve({ ...alive, ...procCounts(facts.pid) }),
    close: () => prepared.close(),
  };
}

function kernelOnly(facts: ProcessFacts, why: string): Probe {
  return {
    target: `process ${facts.pid}`,
    runtime: facts.runtime,
    evidence: null,
    withoutEvidence: why,
    collectGarbage: () => Promise.resolve(false),
    counts: () => Promise.resolve(procCounts(facts.pid)),
    close: () => Promise.resolve(null),
  };
}

function factsOf(pid: number): ProcessFacts {
  const facts = listProcesses().find((each) => each.pid === pid);
  if (facts) return facts;
  throw new StanchError(`there is no process ${pid}`, {
    code: 'target-unreachable',
    exitCode: EXIT.unreachable,
    hint: 'stanch top lists those that there are',
  });
}
