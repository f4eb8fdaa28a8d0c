import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  CaseDamage,
  CaseEvidence,
  CaseVerdict,
  CaseView,
  TimelineEntry,
  TimelineRecord,
} from '../model/case.ts';
import { record } from './case-folder.ts';
import { readSettled } from './check-case.ts';
import { blobPath } from './evidence-store.ts';

/** A case as its timeline tells it. Files are looked for, not read: `checkCase` does that. */
export async function viewCase(folder: string): Promise<CaseView> {
  const { file, timeline, evidence, damage } = await readSettled(folder);
  const closed = timeline.records.findLast(({ kind }) => kind === 'closed');
  const leftOut = new Set(file.handOver?.leftOut ?? []);
  return {
    schema: 'stanch/case-view@1',
    id: file.id,
    title: file.title,
    createdAt: file.createdAt,
    state: closed ? 'closed' : 'open',
    verdict: closed?.verdict ?? null,
    evidence: [...evidence],
    timeline: timeline.records.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.seq - b.seq),
    findings: timeline.records.findLast(({ findings }) => findings !== undefined)?.findings ?? null,
    results: timeline.records.flatMap(({ result }) => (result ? [result] : [])),
    handOver: file.handOver ?? null,
    damage: [
      ...damage,
      ...(await lost(
        folder,
        evidence.filter(({ sha256 }) => !leftOut.has(sha256)),
      )),
    ],
  };
}

/** Writes something on the timeline. */
export async function log(
  folder: string,
  entry: Omit<TimelineEntry, 'at'> & { at?: string | undefined },
): Promise<TimelineRecord> {
  const at = entry.at ?? new Date().toISOString();
  const [written] = await record(folder, () => [{ ...entry, at }]);
  return written!;
}

/** Closes a case. It can be written on afterwards; the last verdict holds. */
export async function closeCase(
  folder: string,
  verdict: CaseVerdict,
  text: string = '',
): Promise<TimelineRecord> {
  return log(folder, { kind: 'closed', text: text || verdict, verdict });
}

async function lost(folder: string, evidence: readonly CaseEvidence[]): Promise<CaseDamage[]> {
  const damage: CaseDamage[] = [];
  for (const { sha256, bytes, name } of evidence) {
    const path = blobPath(sha256);
    const there = await stat(join(folder, path)).catch(() => null);
    if (there === null)
      damage.push({ problem: 'missing', severity: 'damage', path, text: `${name} is gone` });
    else if (there.size !== bytes)
      damage.push({
        problem: 'changed',
        severity: 'damage',
        path,
        text: `${name} was altered: it has ${there.size} bytes instead of ${bytes}`,
      });
  }
  return damage;
}
