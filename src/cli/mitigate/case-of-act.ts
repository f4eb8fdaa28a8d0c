import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CASE_FILE, newCase, readCase } from '../../casework/case-folder.ts';
import { log } from '../../casework/case-view.ts';
import { readResults } from '../../casework/results.ts';
import { TIMELINE } from '../../casework/timeline.ts';
import type { HeldEvidence } from '../../mitigate/evidence-gate.ts';
import type { Journal } from '../../mitigate/plan.ts';
import type { TimelineRecord } from '../../model/case.ts';

/** What of a case matters to an act. */
export interface CaseOfAct {
  readonly folder: string;
  /** False when it is opened by the first act. */
  readonly exists: boolean;
  readonly records: readonly TimelineRecord[];
  /** Null where there is no case. */
  readonly evidence: readonly HeldEvidence[] | null;
}

/**
 * @param folder null when none was given: acts then open one of their own beside the user, so that each stands on a timeline
 * @param target for the name of that folder
 */
export async function readCaseOfAct(folder: string | null, target: string, now: Date): Promise<CaseOfAct> {
  const path = resolve(folder ?? ownFolderName(target, now));
  const exists = folder !== null && [CASE_FILE, TIMELINE].some((name) => existsSync(join(path, name)));
  if (!exists) return { folder: path, exists, records: [], evidence: null };
  const { timeline, evidence } = await readCase(path);
  const pidOf = new Map<string, number>();
  for (const { evidence: added = [], facts } of timeline.records) {
    const pid = Number(facts?.['pid']);
    if (pid > 0) for (const { name } of added) pidOf.set(name, pid);
  }
  return {
    folder: path,
    exists,
    records: timeline.records,
    evidence: evidence.map(({ name, kind, format, takenAt }) => ({
      name,
      kind,
      format,
      takenAt,
      pid: pidOf.get(name) ?? null,
    })),
  };
}

/** Writes acts on the timeline; opens the case when there is none yet. */
export function journalOf({ folder, exists }: CaseOfAct, title: string): Journal {
  let open = exists;
  return async (text, facts) => {
    if (!open) await newCase(folder, { title });
    open = true;
    await log(folder, { kind: 'action', text, facts: { ...facts } });
  };
}

/** What `stanch confirm` answered last in a case; null when it has not. */
export async function lastConfirmation({ folder, exists }: CaseOfAct): Promise<unknown> {
  if (!exists) return null;
  const kept = await readResults(folder);
  return kept.findLast(({ result }) => /^stanch\/confirm@/.test(result.schema))?.document ?? null;
}

function ownFolderName(target: string, now: Date): string {
  const name = target
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[-.]+|-+$/g, '')
    .slice(0, 40);
  return `stanch-mitigate-${name}-${now.toISOString().replace(/[-:]|\.\d+/g, '')}`;
}
