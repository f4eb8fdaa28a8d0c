import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import { refuseExisting } from '../../capture/probes/evidence-file.ts';
import { SnapshotFile } from '../../capture/snapshot-file.ts';
import type { Probe } from '../probes/probe.ts';
import type { LightCounts } from '../run-result.ts';

/** A tab with a connection to its inspector, which stays open: when it ends, V8 forgets the ids of all objects. */
export interface Tab {
  readonly page: Page;
  readonly session: CDPSession;
  /** Tabs of one site may share a heap: those say the same. */
  isolate(): Promise<string>;
}

export async function openTab(page: Page): Promise<Tab> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  return {
    page,
    session,
    async isolate() {
      return (await session.send('Runtime.getIsolateId')).id;
    },
  };
}

/** Counts over all tabs, each heap once; full evidence of the first. */
export function tabsProbe(tabs: readonly Tab[], version: string): Probe {
  const eachHeap = async (): Promise<Tab[]> => {
    const seen = new Set<string>();
    const own: Tab[] = [];
    for (const tab of tabs) {
      const isolate = await tab.isolate();
      if (!seen.has(isolate)) own.push(tab);
      seen.add(isolate);
    }
    return own;
  };
  return {
    target: `${tabs.length} ${tabs.length === 1 ? 'tab' : 'tabs'} of Chromium ${version}`,
    runtime: 'browser',
    withoutEvidence: null,
    evidence: {
      async capture({ label, folder, signal }) {
        const file = join(folder, `${label}.heapsnapshot`);
        await refuseExisting(file);
        await snapshot(tabs[0]!.session, file, signal);
        return [{ file }];
      },
    },
    async collectGarbage() {
      for (const { session } of await eachHeap()) await session.send('HeapProfiler.collectGarbage');
      return true;
    },
    async counts() {
      const sum = { js_heap_used_bytes: 0, dom_nodes: 0, event_listeners: 0, documents: 0 };
      for (const { session } of await eachHeap()) {
        const { usedSize } = await session.send('Runtime.getHeapUsage');
        const { nodes, jsEventListeners, documents } = await session.send('Memory.getDOMCounters');
        sum.js_heap_used_bytes += usedSize;
        sum.dom_nodes += nodes;
        sum.event_listeners += jsEventListeners;
        sum.documents += documents;
      }
      return sum satisfies LightCounts;
    },
    close: () => Promise.resolve(null),
  };
}

async function snapshot(session: CDPSession, path: string, signal: AbortSignal): Promise<void> {
  const output = await SnapshotFile.create(path);
  let flushing: Promise<void> = Promise.resolve();
  const onChunk = ({ chunk }: { chunk: string }): void => {
    if (output.add(chunk)) flushing = flushing.then(() => output.flush());
  };
  session.on('HeapProfiler.addHeapSnapshotChunk', onChunk);
  try {
    await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
    await flushing;
    signal.throwIfAborted();
    await output.finish();
  } catch (error) {
    await flushing.catch(() => undefined);
    await output.discard();
    throw error;
  } finally {
    session.off('HeapProfiler.addHeapSnapshotChunk', onChunk);
  }
}
