import { EXIT, StanchError } from '../../base/errors.ts';
import { formatCount } from '../../base/units.ts';
import { headOf } from '../../capture/probes/http-evidence.ts';
import { closeInspector, openInspector, usedHeapBytes } from '../../capture/probes/node-inspector.ts';
import { pprofBase } from '../../capture/targets/go.ts';
import { type AliveFigures, collectByAgent } from '../../mitigate/agent-collection.ts';
import type { HeapPort } from '../../mitigate/collect.ts';
import type { AskNode } from '../../mitigate/node-questions.ts';
import { listenersOf, sharesNetwork } from '../../sources/processes/listening-ports.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';

const MOST_PROFILE_BYTES = 64 << 20;

/** A collection in a Node.js process, through its inspector; opened by SIGUSR1 and closed again where it was not open. */
export async function nodeHeap(facts: ProcessFacts, signal: AbortSignal): Promise<HeapPort> {
  const inspector = await openInspector(facts, signal);
  const { control } = inspector;
  return {
    usedBytes: () => usedHeapBytes(control),
    async collect() {
      await control.send('HeapProfiler.collectGarbage');
    },
    close: () => closeInspector(inspector),
  };
}

/** A collection in a Ruby or Python process, through the agent in it, which also counts what is alive. */
export function agentHeap(facts: ProcessFacts, signal: AbortSignal): HeapPort {
  let said: string | null = null;
  return {
    usedBytes: () => Promise.resolve(null),
    async collect() {
      const { before, after, trimmed, tookMs } = await collectByAgent(facts, { trim: true }, signal);
      const alive = ({ liveObjects, liveBlocks }: AliveFigures): number | null =>
        liveObjects ?? liveBlocks ?? null;
      const [was, is] = [alive(before), alive(after)];
      const what = after.liveObjects === undefined ? 'blocks' : 'objects';
      said = [
        was === null || is === null ? 'collected' : `${formatCount(was)} → ${formatCount(is)} live ${what}`,
        `stood still for ${Math.max(1, Math.round(tookMs))} ms`,
        trimmed ? 'free memory given back to the system' : 'free memory stays with the allocator',
      ].join('; ');
    },
    says: () => said,
    close: () => Promise.resolve(null),
  };
}

/** Questions to Node.js processes, each over an inspector that is opened and closed for it. */
export function nodeAsker(signal: AbortSignal, onLeftOpen: (says: string) => void): AskNode {
  return async (facts, expression) => {
    const inspector = await openInspector(facts, signal);
    try {
      const answer = (await inspector.control.send('Runtime.evaluate', {
        expression,
        includeCommandLineAPI: true,
        returnByValue: true,
      })) as { result?: { value?: unknown }; exceptionDetails?: { text?: string } };
      if (answer.exceptionDetails)
        throw new Error(answer.exceptionDetails.text ?? 'it could not be evaluated');
      return answer.result?.value;
    } finally {
      const left = await closeInspector(inspector);
      if (left !== null) onLeftOpen(left);
    }
  };
}

/** The pprof handler of a Go program: of an address, or found among the ports of a process. */
export async function goHandler(target: ProcessFacts | string, signal: AbortSignal): Promise<URL> {
  const addresses =
    typeof target === 'string'
      ? [target]
      : sharesNetwork(target.pid)
        ? (listenersOf(target.pid) ?? []).map(({ port }) => `http://127.0.0.1:${port}/`)
        : [];
  for (const address of addresses) {
    const found = await pprofBase(address, signal).catch(() => null);
    signal.throwIfAborted();
    if (found) return found.base;
  }
  const who = typeof target === 'string' ? target : `process ${target.pid}`;
  throw new StanchError(`${who}: no pprof handler answers: a Go program is asked to collect through it`, {
    code: 'no-pprof',
    exitCode: EXIT.unreachable,
    hint: 'give the address of its handler: stanch mitigate http://127.0.0.1:6060 gc',
  });
}

/** A collection in a Go program: `heap?gc=1` runs one before it writes the profile. */
export function goHeap(base: URL, signal: AbortSignal): HeapPort {
  const ask = async (query: string): Promise<string> => {
    const text = await headOf(new URL(query, base), signal, MOST_PROFILE_BYTES);
    if (text === null)
      throw new StanchError(`${base.href}${query} is not answered`, {
        code: 'no-pprof',
        exitCode: EXIT.unreachable,
      });
    return text;
  };
  return {
    // The memory statistics stand at the end of the text form, which collects nothing by itself.
    async usedBytes() {
      const value = /^# HeapAlloc = (\d+)$/m.exec(await ask('heap?debug=1'))?.[1];
      return value === undefined ? null : Number(value);
    },
    async collect() {
      await ask('heap?gc=1');
    },
    close: () => Promise.resolve(null),
  };
}
