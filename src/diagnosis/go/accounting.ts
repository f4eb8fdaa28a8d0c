import type { Diagnosis, Finding } from '../../model/finding.ts';
import { type GoMemory, LEAST_STACK_BYTES, sumOf } from './memory.ts';
import type { Moment } from './moments.ts';

/**
 * Where the process's growth went: the findings, the rest of the heap in use, the rest of the stacks, free spans, the runtime's own, and what
 * nobody can account for. Without figures of the process only the stacks of the goroutines are counted.
 */
export function accountForGo(
  findings: readonly Finding[],
  moments: readonly Moment[],
  memories: readonly (GoMemory | null)[],
  totals: readonly number[],
): Diagnosis['growth'] {
  const explainedBytes = findings.reduce((sum, { growth }) => sum + Math.max(0, growth.bytes), 0);
  const first = memories[0] ?? null;
  const last = memories[moments.length - 1] ?? null;
  if (first === null || last === null || moments.length < 2) {
    const from = (totals[0] ?? 0) * LEAST_STACK_BYTES;
    const to = (totals.at(-1) ?? 0) * LEAST_STACK_BYTES;
    return account(from, to, Math.min(explainedBytes, Math.max(0, to - from)), [
      { what: 'memory of the process was not measured: only the least size of stacks is counted', bytes: 0 },
    ]);
  }
  const stacksOfFindings = findings.reduce((sum, finding) => sum + stackShare(finding, last, totals), 0);
  const heapOfFindings = explainedBytes - stacksOfFindings;
  const grew = (of: (memory: GoMemory) => number): number => of(last) - of(first);
  const parts = [
    {
      what: 'heap in use that no finding explains',
      bytes: grew((memory) => memory.heapInUseBytes) - heapOfFindings,
    },
    { what: 'stacks of other goroutines', bytes: grew((memory) => memory.stackBytes) - stacksOfFindings },
    { what: 'free heap spans not given back to the system', bytes: grew((memory) => memory.idleBytes) },
    { what: "the runtime's own tables", bytes: grew((memory) => memory.runtimeBytes) },
  ];
  if (first.rssBytes !== null && last.rssBytes !== null) {
    const known = grew(
      (memory) => memory.heapInUseBytes + memory.stackBytes + memory.idleBytes + memory.runtimeBytes,
    );
    parts.push({
      what: 'outside the Go runtime: cgo, mapped files, page cache',
      bytes: last.rssBytes - first.rssBytes - known,
    });
  }
  const hasRss = first.rssBytes !== null && last.rssBytes !== null;
  const from = hasRss ? sumOf(first) : sumOf({ ...first, rssBytes: null });
  const to = hasRss ? sumOf(last) : sumOf({ ...last, rssBytes: null });
  return account(
    from,
    to,
    explainedBytes,
    parts.map((part) => ({ ...part, bytes: Math.round(part.bytes) })).filter(({ bytes }) => bytes !== 0),
  );
}

function stackShare({ growth, members }: Finding, memory: GoMemory, totals: readonly number[]): number {
  if (members[0]?.shape !== 'goroutine') return 0;
  const total = totals.at(-1) ?? 0;
  const each = total > 0 && memory.stackBytes > 0 ? memory.stackBytes / total : LEAST_STACK_BYTES;
  return Math.min(growth.bytes, growth.objects * each);
}

function account(
  fromBytes: number,
  toBytes: number,
  explainedBytes: number,
  unexplained: { what: string; bytes: number }[],
): Diagnosis['growth'] {
  const change = toBytes - fromBytes;
  const grownBytes = Math.max(0, change);
  return {
    fromBytes,
    toBytes,
    grownBytes,
    shrunkBytes: Math.max(0, -change),
    explainedBytes,
    explainedShare: grownBytes === 0 ? 0 : Math.min(1, explainedBytes / grownBytes),
    unexplained,
  };
}
