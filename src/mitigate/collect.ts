import { formatBytes } from '../base/units.ts';
import { readProcess } from '../sources/processes/process-facts.ts';
import type { Outcome } from './plan.ts';

/** A way to make one process collect its garbage. Given by whoever knows how to reach it. */
export interface HeapPort {
  /** What the runtime says that its objects take; null when it does not say. */
  usedBytes(): Promise<number | null>;
  collect(): Promise<void>;
  /** What the runtime said of the collection itself, instead of used bytes and the time that the question took. */
  says?(): string | null;
  /** @returns what could not be put back, for the user to know */
  close(): Promise<string | null>;
}

/** Has a process collect, and says what it brought. What is held stays held: this is no remedy for a leak. */
export async function collectGarbage(
  pid: number | null,
  open: () => Promise<HeapPort>,
): Promise<Outcome & { readonly leftOpen: string | null }> {
  const startedMs = performance.now();
  const rssBefore = rssOf(pid);
  const port = await open();
  let used: { before: number | null; after: number | null } = { before: null, after: null };
  let pauseMs = 0;
  let said: string | null = null;
  let leftOpen: string | null = null;
  try {
    used = { ...used, before: await port.usedBytes() };
    const began = performance.now();
    await port.collect();
    pauseMs = performance.now() - began;
    used = { ...used, after: await port.usedBytes() };
    said = port.says?.() ?? null;
  } finally {
    leftOpen = await port.close();
  }
  const rssAfter = rssOf(pid);
  return {
    state: 'done',
    says: [
      said !== null
        ? said
        : used.before === null || used.after === null
          ? 'collected'
          : `heap ${formatBytes(used.before)} → ${formatBytes(used.after)}`,
      ...(rssBefore === null || rssAfter === null
        ? []
        : [`resident ${formatBytes(rssBefore)} → ${formatBytes(rssAfter)}`]),
      ...(said === null ? [`${Math.max(1, Math.round(pauseMs))} ms at most`] : []),
      'what is left is held: a collection does not give it back',
    ].join('; '),
    oldPids: [],
    newPids: [],
    memoryBeforeBytes: used.before ?? rssBefore,
    memoryAfterBytes: used.after ?? rssAfter,
    checks: null,
    elapsedMs: performance.now() - startedMs,
    leftOpen,
  };
}

function rssOf(pid: number | null): number | null {
  return pid === null ? null : (readProcess(pid)?.rssBytes ?? null);
}
