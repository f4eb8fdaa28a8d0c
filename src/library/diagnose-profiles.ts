import { StanchError } from '../base/errors.ts';
import type { LongCall } from '../base/progress.ts';
import { diagnoseAllocations } from '../diagnosis/allocations/diagnose-allocations.ts';
import { diagnoseGoroutines } from '../diagnosis/go/diagnose-goroutines.ts';
import type { GoInput } from '../diagnosis/go/moments.ts';
import type { Diagnosis } from '../model/finding.ts';
import type { SourceTree } from '../model/source-tree.ts';
import { totalOf } from '../model/stack-profile.ts';
import {
  type Evidence,
  type EvidenceProfile,
  labelOf,
  type UnreadableEvidence,
} from '../sources/evidence.ts';
import { memoryBeside } from './memory-beside.ts';

export interface DiagnoseProfilesOptions extends LongCall {
  readonly source: SourceTree | null;
  readonly top?: number;
  readonly operations?: number;
}

/** Profiles and goroutine text: those of Go are judged by goroutines, all others by the lines that allocate. */
export async function diagnoseProfiles(
  found: Evidence,
  options: DiagnoseProfilesOptions,
): Promise<{ diagnosis: Diagnosis; evidence: Evidence }> {
  const inputs: GoInput[] = [];
  const unreadable: UnreadableEvidence[] = [...found.unreadable];
  const read: EvidenceProfile[] = [];
  let failure: StanchError | null = null;
  for (const item of found.profiles) {
    try {
      const content = await item.load(options);
      const { label, file, sizeBytes, at } = item;
      const about = { label, file, sizeBytes, at };
      if (content.kind === 'stack-profile') inputs.push({ ...about, profile: content.profile });
      else inputs.push(...dumpsOf(about, content.dumps));
      read.push(item);
    } catch (error) {
      if (!(error instanceof StanchError)) throw error;
      failure ??= error;
      unreadable.push({ file: item.file, reason: error.message.replace(`${item.file}: `, '') });
    }
  }
  if (inputs.length === 0 && failure) throw failure;
  const { source, top, operations, ...call } = options;
  const asked = {
    ...call,
    source,
    ...(top === undefined ? {} : { top }),
    ...(operations === undefined ? {} : { operations }),
  };
  const isGo = inputs.some(({ dump, profile }) => dump !== undefined || profile?.runtime === 'go');
  const memory = isGo ? memoryBeside(read) : {};
  const diagnosis = isGo
    ? diagnoseGoroutines(byMoment(inputs), { ...asked, memory })
    : diagnoseAllocations(inputs, asked);
  return { diagnosis, evidence: { ...found, profiles: read, unreadable } };
}

/** Dumps in one file are moments of their own, unless the file is one of several of a moment. */
function dumpsOf(about: Omit<GoInput, 'dump' | 'profile'>, dumps: readonly GoInput['dump'][]): GoInput[] {
  return dumps.flatMap((dump, at) =>
    dump ? [{ ...about, label: dumps.length > 1 ? `${about.label}${at + 1}` : about.label, dump }] : [],
  );
}

/**
 * Where each file got a label of its own, files of different kinds side by side are of one moment: the first goroutine dump and the
 * first heap profile belong to A.
 */
function byMoment(inputs: readonly GoInput[]): GoInput[] {
  if (new Set(inputs.map(({ label }) => label)).size < inputs.length) return [...inputs];
  const counts = new Map<string, number>();
  const kinds = inputs.map(kindOf);
  if (new Set(kinds).size === 1) return [...inputs];
  return inputs.map((input, index) => {
    const nth = counts.get(kinds[index]!) ?? 0;
    counts.set(kinds[index]!, nth + 1);
    return { ...input, label: labelOf(nth) };
  });
}

function kindOf({ dump, profile }: GoInput): string {
  if (dump) return 'goroutine text';
  return `${profile?.format} ${profile?.sampleTypes.map(({ type }) => type).join(' ')} ${totalOf(profile!, 0) < 0 ? 'delta' : ''}`;
}
