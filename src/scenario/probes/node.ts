import { InspectorClient } from '../../capture/inspector-client.ts';
import {
  closeInspector,
  type OpenInspector,
  openInspector,
  usedHeapBytes,
} from '../../capture/probes/node-inspector.ts';
import { prepareNodeAddress } from '../../capture/targets/node.ts';
import type { CaptureWish } from '../../capture/targets/target.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { evidenceOf, type Probe } from './probe.ts';
import { procCounts } from './proc-counts.ts';

/** A Node.js process by its pid: its inspector is opened for the time of the run. */
export async function nodeProcessProbe(facts: ProcessFacts, wish: CaptureWish): Promise<Probe> {
  const inspector = await openInspector(facts, wish.signal);
  return nodeProbe(`process ${facts.pid}`, facts, inspector, () => closeInspector(inspector), wish);
}

/** A Node.js process by the address of its inspector. */
export async function nodeAddressProbe(
  webSocketUrl: string,
  facts: ProcessFacts | null,
  wish: CaptureWish,
): Promise<Probe> {
  const control = await InspectorClient.connect(webSocketUrl, { signal: wish.signal });
  const close = (): Promise<null> => control.close().then(() => null);
  return nodeProbe(webSocketUrl, facts, { webSocketUrl, control }, close, wish);
}

async function nodeProbe(
  target: string,
  facts: ProcessFacts | null,
  { control, webSocketUrl }: Pick<OpenInspector, 'control' | 'webSocketUrl'>,
  close: () => Promise<string | null>,
  wish: CaptureWish,
): Promise<Probe> {
  try {
    const prepared = await prepareNodeAddress(webSocketUrl, facts, { ...wish, kind: 'heap' });
    return {
      target,
      runtime: 'node',
      ...evidenceOf(prepared),
      async collectGarbage() {
        // Twice: what a finaliser lets go of is collected by the second.
        await control.send('HeapProfiler.collectGarbage');
        await control.send('HeapProfiler.collectGarbage');
        return true;
      },
      async counts() {
        return { heap_used_bytes: await usedHeapBytes(control), ...procCounts(facts?.pid ?? null) };
      },
      async close() {
        const left = await prepared.close();
        return (await close()) ?? left;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
