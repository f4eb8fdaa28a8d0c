import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { EXIT, StanchError, UsageError } from '../base/errors.ts';
import type { CaseDamage, CaseEvidence, CaseFile, TimelineEntry, TimelineRecord } from '../model/case.ts';
import { appendDurably, makeFolder, writeDurably } from './durable-file.ts';
import { withLock } from './lock.ts';
import { linesFor, readTimeline, TIMELINE, type TimelineReading } from './timeline.ts';
import { isEvidence } from './trusted-record.ts';
import { CASE_VERSION, STEPS, type UpgradeStep, upgradedFile } from './upgrade.ts';

export const CASE_FILE = 'case.json';

/** A case as it lies on disk. */
export interface CaseOnDisk {
  readonly file: CaseFile;
  readonly timeline: TimelineReading;
  /** Each name once, in the order of adding. */
  readonly evidence: readonly CaseEvidence[];
  /** Of `case.json` and the timeline; that of evidence is found by `checkCase`. */
  readonly damage: readonly CaseDamage[];
}

type Steps = Readonly<Record<number, UpgradeStep>>;

/**
 * Opens a case in a folder, which is made if need be.
 *
 * @throws UsageError when there is a case already
 */
export async function newCase(
  folder: string,
  { title = basename(resolve(folder)) }: { title?: string | undefined } = {},
): Promise<CaseFile> {
  await makeFolder(folder);
  return withLock(folder, async () => {
    const old = await readOrNull(join(folder, TIMELINE));
    const hasRecords = old !== null && readTimeline(old).records.length > 0;
    if (hasRecords || (await readOrNull(join(folder, CASE_FILE))) !== null)
      throw new UsageError(`${folder} holds a case already`, `stanch case show ${folder}`);
    const at = new Date().toISOString();
    const id = randomBytes(8).toString('hex');
    const { head } = await append(
      folder,
      old === null ? EMPTY : readTimeline(old),
      [{ kind: 'opened', at, text: title, facts: { id } }],
      at,
    );
    const file: CaseFile = {
      schema: `stanch/case@${CASE_VERSION}`,
      id,
      title,
      createdAt: at,
      head,
      evidence: [],
    };
    await writeCaseFile(folder, file);
    return file;
  });
}

/** Whether a folder holds a case, be it one that lost `case.json` or the timeline. */
export async function holdsCase(folder: string): Promise<boolean> {
  const file = await readFile(join(folder, CASE_FILE)).catch(() => null);
  if (file?.includes('"stanch/case@')) return true;
  const timeline = await readFile(join(folder, TIMELINE)).catch(() => null);
  return timeline !== null && readTimeline(timeline).records[0]?.kind === 'opened';
}

/**
 * Reads a case. A lost or unreadable `case.json` is made again from the timeline; the damage is told.
 *
 * @throws StanchError `no-case` (exit code 2) where there is none
 */
export async function readCase(folder: string, steps: Steps = STEPS): Promise<CaseOnDisk> {
  // In this order: a record that is added in between makes the timeline longer than case.json says, which is no damage.
  const fileText = await readOrNull(join(folder, CASE_FILE));
  const timelineBytes = await readOrNull(join(folder, TIMELINE));
  if (fileText === null && timelineBytes === null) throw noCase(folder);
  const timeline = timelineBytes === null ? EMPTY : readTimeline(timelineBytes, steps);
  const read = fileText === null ? null : caseFileOf(fileText, steps);
  if (read === null && timeline.records.length === 0) throw beyondRepair(folder);
  const file = read ?? rebuilt(timeline);
  const damage: CaseDamage[] = [...timeline.damage];
  if (read === null) damage.push(lostFile(fileText === null));
  if (timelineBytes === null) damage.push(lostTimeline());
  else damage.push(...headDamage(file, timeline));
  return { file, timeline, evidence: evidenceOf(file, timeline), damage };
}

/**
 * Adds to the timeline what `entriesFor` makes of the case as it is then. When it returns, the records are on disk; nothing else can come
 * between reading and writing.
 */
export async function record(
  folder: string,
  entriesFor: (current: CaseOnDisk) => readonly TimelineEntry[],
  steps: Steps = STEPS,
): Promise<TimelineRecord[]> {
  await readCase(folder, steps);
  return withLock(folder, async () => {
    const current = await readCase(folder, steps);
    const entries = entriesFor(current);
    if (entries.length === 0) return [];
    const { records, head } = await append(folder, current.timeline, entries, new Date().toISOString());
    const added = entries.flatMap(({ evidence }) => evidence ?? []);
    const evidence = uniqueNames([...current.evidence, ...added]);
    await writeCaseFile(folder, { ...current.file, head, evidence });
    return records;
  });
}

const EMPTY: TimelineReading = readTimeline(new Uint8Array(0));

async function append(
  folder: string,
  timeline: TimelineReading,
  entries: readonly TimelineEntry[],
  recordedAt: string,
): Promise<Omit<ReturnType<typeof linesFor>, 'lines'>> {
  const { lines, ...added } = linesFor(entries, timeline.head, recordedAt);
  // Behind an interrupted write a new line is begun: nothing is ever taken away.
  await appendDurably(join(folder, TIMELINE), `${timeline.endsClean ? '' : '\n'}${lines.join('\n')}\n`);
  return added;
}

async function writeCaseFile(folder: string, file: CaseFile): Promise<void> {
  await writeDurably(join(folder, CASE_FILE), `${JSON.stringify(file, null, 2)}\n`);
}

function caseFileOf(bytes: Uint8Array, steps: Steps): CaseFile | null {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
  const file = upgradedFile(value, steps);
  const whole =
    typeof file['id'] === 'string' &&
    typeof file['title'] === 'string' &&
    Array.isArray(file['evidence']) &&
    typeof (file['head'] as { seq?: unknown } | null)?.seq === 'number';
  if (!whole) return null;
  const evidence = (file['evidence'] as unknown[]).filter(isEvidence);
  return { ...(file as unknown as CaseFile), evidence };
}

function rebuilt({ records, head }: TimelineReading): CaseFile {
  const [first] = records;
  return {
    schema: `stanch/case@${CASE_VERSION}`,
    id: first?.facts?.['id'] ?? '',
    title: first?.kind === 'opened' ? first.text : '',
    createdAt: first?.at ?? '',
    head,
    evidence: [],
  };
}

/** The timeline decides; what it has lost, `case.json` may still know. */
function evidenceOf(file: CaseFile, { records }: TimelineReading): CaseEvidence[] {
  return uniqueNames([...records.flatMap(({ evidence }) => evidence ?? []), ...file.evidence]);
}

function uniqueNames(evidence: readonly CaseEvidence[]): CaseEvidence[] {
  const byName = new Map<string, CaseEvidence>();
  for (const item of evidence) if (!byName.has(item.name)) byName.set(item.name, item);
  return [...byName.values()];
}

/** What case.json knows to have been written must be in the timeline. */
function headDamage({ head }: CaseFile, { records, hashes }: TimelineReading): CaseDamage[] {
  const at = records.findLastIndex(({ seq }) => seq === head.seq);
  if (at >= 0 && hashes[at] === head.hash) return [];
  if (at >= 0) {
    return [
      {
        problem: 'changed',
        severity: 'damage',
        path: TIMELINE,
        text: `record ${head.seq} was altered after it was written`,
      },
    ];
  }
  const last = records.at(-1)?.seq ?? 0;
  if (last > head.seq) return [];
  return [
    {
      problem: 'missing',
      severity: 'damage',
      path: TIMELINE,
      text: `it ends with record ${last}; record ${head.seq} had been written`,
    },
  ];
}

function lostFile(missing: boolean): CaseDamage {
  return {
    problem: missing ? 'missing' : 'changed',
    severity: 'damage',
    path: CASE_FILE,
    text: 'it cannot be read; the timeline tells the same, and the next command that writes makes it again',
  };
}

function lostTimeline(): CaseDamage {
  return {
    problem: 'missing',
    severity: 'damage',
    path: TIMELINE,
    text: 'the timeline is gone; case.json still names the evidence',
  };
}

async function readOrNull(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new StanchError(`${path}: ${message}`, {
      code: 'case-unreadable',
      exitCode: EXIT.unreadable,
      cause,
    });
  }
}

function noCase(folder: string): StanchError {
  return new UsageError(`${folder} holds no case`, `stanch case new ${folder} opens one there`);
}

function beyondRepair(folder: string): StanchError {
  return new StanchError(`${folder}: neither case.json nor a record of the timeline can be read`, {
    code: 'case-damaged',
    exitCode: EXIT.unreadable,
    hint: 'the evidence lies in evidence/ under its hashes: open a new case and add it from there',
  });
}
