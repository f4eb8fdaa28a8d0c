import { listenersAround, listenersOf } from '../sources/processes/listening-ports.ts';
import { InspectorClient } from './inspector-client.ts';
import { closeInspector } from './probes/node-inspector.ts';
import { forget, leftOpen, type OpenedInspector } from './probes/opened-inspectors.ts';
import { type Reach, reachInto } from './probes/reach.ts';
import { lockTarget } from './targets/capture-lock.ts';
import { processIdentity } from './targets/identity.ts';

/** A process whose loop was blocked may open its inspector later than we could wait for it; after this time nobody remembers. */
const MAY_COME_MS = 600_000;
const DAY_MS = 86_400_000;
const TELL_AFTER_MS = 3000;
const WHOSE = 'which a stanch that was killed had left open';

/**
 * Closes inspectors that runs which were killed have opened and left open on this machine, where the process is the very same and the inspector
 * the one that was opened. What is being captured now is left alone.
 *
 * @param say gets one sentence for each that was closed, or could not be, and where it takes long
 */
export async function finishLeftOpen(say: (text: string) => void): Promise<void> {
  for (const opened of leftOpen()) {
    const text = opened.door === null ? await finish(opened, say) : behindDoor(opened);
    if (text !== null) say(text);
  }
}

async function finish(opened: OpenedInspector, say: (text: string) => void): Promise<string | null> {
  const { pid, file } = opened;
  let unlock: () => void;
  try {
    unlock = lockTarget(processIdentity(opened), `process ${pid}`);
  } catch {
    return null;
  }
  const reach = reachInto(pid);
  // It may still be at the snapshot that nobody waits for any more.
  const slow = setTimeout(
    () => say(`process ${pid} is busy: its inspector, ${WHOSE}, is closed as soon as it answers`),
    TELL_AFTER_MS,
  );
  try {
    const open = reach && (await inspectorOf(opened, reach));
    if (!reach)
      return `process ${pid}: its inspector may still be open, which a run that was killed has opened`;
    if (!open) {
      if (opened.path !== null || Date.now() - opened.since > MAY_COME_MS) forget(file);
      return null;
    }
    const left = await closeInspector({
      webSocketUrl: open.url,
      openedByUs: true,
      control: await InspectorClient.connect(open.url),
      says: '',
      listens: () => Promise.resolve(listenersAround(pid).some(({ port }) => port === open.port)),
      release: () => Promise.resolve(),
    });
    if (left !== null) return `process ${pid}: ${left}`;
    forget(file);
    return `closed the inspector of process ${pid}, ${WHOSE}`;
  } catch (error) {
    return `process ${pid}: the inspector that a stanch which was killed has left open could not be closed: ${(error as Error).message}`;
  } finally {
    clearTimeout(slow);
    await reach?.close();
    unlock();
  }
}

/** Only ports that came after our signal are asked, and only the inspector that was seen then is ours to close. */
async function inspectorOf(
  { pid, before, path }: OpenedInspector,
  reach: Reach,
): Promise<{ url: string; port: number } | null> {
  for (const { port } of listenersOf(pid) ?? []) {
    if (before.includes(port)) continue;
    const url = await reach.inspector(port);
    if (url !== null && (path === null || new URL(url).pathname === path)) return { url, port };
  }
  return null;
}

/** The way into a container is known to a capture of it, which takes it over and closes it. */
function behindDoor({ door, pid, since, file }: OpenedInspector): string | null {
  if (Date.now() - since > DAY_MS) {
    forget(file);
    return null;
  }
  return `a stanch that was killed may have left the inspector of process ${pid} in ${door} open: stanch capture ${door} --dry-run closes it`;
}
