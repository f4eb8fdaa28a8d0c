import type { CaseEvidence } from '../model/case.ts';
import type { CaseOnDisk } from './case-folder.ts';

/** Evidence that is to be compared with itself: of one process, or all that was added by hand. */
export interface EvidenceGroup {
  /** Tells processes apart; '' for what was added by hand. */
  readonly process: string;
  readonly evidence: readonly CaseEvidence[];
  /** Captures at different moments. */
  readonly moments: number;
}

/**
 * Evidence by the process that it is of, in the order of the last capture. Several captures of one process are one group, whenever they
 * were taken: a service before and after a restart is two.
 */
export function groupsOf(
  { timeline, evidence }: Pick<CaseOnDisk, 'timeline' | 'evidence'>,
  wanted: (item: CaseEvidence) => boolean,
): EvidenceGroup[] {
  const processOf = new Map<string, string>();
  const momentOf = new Map<string, string>();
  const order: string[] = [];
  for (const { evidence: added = [], facts } of timeline.records) {
    const process = facts?.['process'] ?? '';
    if (!added.some(wanted)) continue;
    for (const { name } of added) {
      processOf.set(name, process);
      if (process !== '') momentOf.set(name, `${facts?.['series']}/${facts?.['label']}`);
    }
    if (order.includes(process)) order.splice(order.indexOf(process), 1);
    order.push(process);
  }
  const all = evidence.filter(wanted);
  if (all.some(({ name }) => !processOf.has(name)) && !order.includes('')) order.unshift('');
  return order.map((process) => {
    const own = all.filter(({ name }) => (processOf.get(name) ?? '') === process);
    return {
      process,
      evidence: own,
      moments: new Set(own.map(({ name }) => momentOf.get(name) ?? name)).size,
    };
  });
}

/** The latest group that can be compared; else the latest. */
export function latestGroup(groups: readonly EvidenceGroup[]): EvidenceGroup | undefined {
  return groups.findLast(({ moments }) => moments > 1) ?? groups.at(-1);
}
