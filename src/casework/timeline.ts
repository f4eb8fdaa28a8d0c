import { createHash } from 'node:crypto';
import type { CaseDamage, TimelineEntry, TimelineHead, TimelineRecord } from '../model/case.ts';
import { isEvidence, isFindings, isResult } from './trusted-record.ts';
import { CASE_VERSION, STEPS, type UpgradeStep, upgradedRecord } from './upgrade.ts';

export const TIMELINE = 'timeline.jsonl';

/** What a timeline's file says. */
export interface TimelineReading {
  readonly records: readonly TimelineRecord[];
  /** Hash of each record's line, as `records`. */
  readonly hashes: readonly string[];
  /** Of the last record; seq 0 and '' when there is none. */
  readonly head: TimelineHead;
  readonly damage: readonly CaseDamage[];
  /** False when the file ends within a line: the next record begins on a new one. */
  readonly endsClean: boolean;
}

interface Unreadable {
  readonly line: number;
  readonly bytes: number;
}

/**
 * Reads a timeline. Lines that are no records are passed over and reported: as `torn` where the records around them follow on each
 * other (a write that was cut short and never acknowledged), else as `changed`.
 */
export function readTimeline(
  bytes: Uint8Array,
  steps: Readonly<Record<number, UpgradeStep>> = STEPS,
): TimelineReading {
  const records: TimelineRecord[] = [];
  const hashes: string[] = [];
  const damage: CaseDamage[] = [];
  let head: TimelineHead = { seq: 0, hash: '' };
  let pending: Unreadable[] = [];
  for (const { line, text } of linesOf(bytes)) {
    const record = recordOf(text, steps);
    if (record === null) {
      pending.push({ line, bytes: text.length });
      continue;
    }
    const follows = record.prev === head.hash && record.seq === head.seq + 1;
    damage.push(...pending.map((each) => (follows ? torn(each) : unreadable(each))));
    if (!follows && pending.length === 0) damage.push(brokenAt(line, record, head));
    pending = [];
    records.push(record);
    head = { seq: record.seq, hash: hashOf(text) };
    hashes.push(head.hash);
  }
  const endsClean = bytes.length === 0 || bytes[bytes.length - 1] === LINE_FEED;
  damage.push(...pending.map((each, at) => (at === pending.length - 1 ? torn(each) : unreadable(each))));
  return { records, hashes, head, damage, endsClean };
}

/** The lines that add entries to a timeline, each bound to the one before. */
export function linesFor(
  entries: readonly TimelineEntry[],
  head: TimelineHead,
  recordedAt: string,
): { lines: string[]; records: TimelineRecord[]; head: TimelineHead } {
  const lines: string[] = [];
  const records: TimelineRecord[] = [];
  let { seq, hash } = head;
  for (const entry of entries) {
    const record: TimelineRecord = { v: CASE_VERSION, seq: ++seq, recordedAt, ...entry, prev: hash };
    const text = JSON.stringify(record);
    hash = hashOf(Buffer.from(text));
    lines.push(text);
    records.push(record);
  }
  return { lines, records, head: { seq, hash } };
}

const LINE_FEED = 10;

function* linesOf(bytes: Uint8Array): Generator<{ line: number; text: Uint8Array }> {
  let line = 0;
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(LINE_FEED, at);
    const text = bytes.subarray(at, end < 0 ? bytes.length : end);
    line++;
    if (text.length > 0) yield { line, text };
    at = end < 0 ? bytes.length : end + 1;
  }
}

function recordOf(line: Uint8Array, steps: Readonly<Record<number, UpgradeStep>>): TimelineRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const record = upgradedRecord(value as Record<string, unknown>, steps);
  const { seq, prev, kind, at, text, evidence, findings, result } = record;
  const whole =
    Number.isSafeInteger(seq) &&
    [prev, kind, at, text].every((each) => typeof each === 'string') &&
    (evidence === undefined || (Array.isArray(evidence) && evidence.every(isEvidence))) &&
    (findings === undefined || isFindings(findings)) &&
    (result === undefined || isResult(result));
  return whole ? (record as unknown as TimelineRecord) : null;
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function torn({ line, bytes }: Unreadable): CaseDamage {
  return {
    problem: 'torn',
    severity: 'note',
    path: `${TIMELINE}:${line}`,
    text: `${bytes} bytes of a record whose writing was interrupted; it was never acknowledged and is passed over`,
  };
}

function unreadable({ line }: Unreadable): CaseDamage {
  return {
    problem: 'changed',
    severity: 'damage',
    path: `${TIMELINE}:${line}`,
    text: 'no record can be read from this line, and the next one does not follow on the one before it',
  };
}

function brokenAt(line: number, record: TimelineRecord, head: TimelineHead): CaseDamage {
  const gap = record.seq - head.seq - 1;
  if (gap > 0) {
    return {
      problem: 'missing',
      severity: 'damage',
      path: `${TIMELINE}:${line}`,
      text:
        gap === 1
          ? `record ${head.seq + 1} is gone`
          : `records ${head.seq + 1} to ${record.seq - 1} are gone`,
    };
  }
  return {
    problem: 'changed',
    severity: 'damage',
    path: `${TIMELINE}:${Math.max(1, line - 1)}`,
    text: `record ${head.seq} is not the one that record ${record.seq} was written after`,
  };
}
