import { createReadStream } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { UsageError } from '../base/errors.ts';
import type { CaseEvidence, CaseFile, HandOver, TimelineEntry } from '../model/case.ts';
import { CASE_FILE, type CaseOnDisk } from './case-folder.ts';
import { checkCase, readSettled } from './check-case.ts';
import { replaceDurably } from './durable-file.ts';
import { blobPath } from './evidence-store.ts';
import { Mask } from './mask.ts';
import { documentText, readDocument, type StoredDocument } from './stored-document.ts';
import { hashOf, linesFor, TIMELINE } from './timeline.ts';
import { CASE_VERSION } from './upgrade.ts';
import { ZipWriter } from './zip-writer.ts';

export interface HandOverOptions {
  /** Hosts, addresses and pods are masked too. */
  maskHosts?: boolean | undefined;
  /** Further words to mask. */
  words?: readonly string[] | undefined;
  /** Take the evidence along as it is: with all its values. */
  raw?: boolean | undefined;
}

/** What went into the zip file. */
export interface HandedOver {
  schema: 'stanch/case-zip@1';
  file: string;
  /** Different texts that were masked. */
  maskedTexts: number;
  maskedHosts: boolean;
  included: string[];
  /** Named with their hashes in the zip file, and not in it. */
  leftOut: { name: string; sha256: string; bytes: number }[];
}

/**
 * Writes a case as a zip file for others: a case folder of its own, with its findings and signatures, secrets masked. Evidence stays
 * behind unless it is asked for; its hashes go along, so that it can be told to be the same.
 *
 * @throws UsageError when the case is damaged in what is to be handed over
 */
export async function handOver(
  folder: string,
  zipPath: string,
  { maskHosts = false, words = [], raw = false }: HandOverOptions = {},
): Promise<HandedOver> {
  const current = await readSettled(folder);
  const { evidence } = current;
  if (raw) await assertWhole(folder);
  const earlierLeftOut = new Set(current.file.handOver?.leftOut ?? []);
  const included = raw ? evidence.filter(({ sha256 }) => !earlierLeftOut.has(sha256)) : [];
  const leftOut = evidence.filter((item) => !included.includes(item));
  const mask = new Mask({
    hosts: maskHosts,
    words: [...words, ...(maskHosts && hostname().length > 2 ? [hostname()] : [])],
    keep: ownNames(current),
  });
  const findings = await maskedDocuments(folder, current, mask);
  const copy = maskedCopy(current, mask, findings, {
    at: new Date().toISOString(),
    originalHead: current.timeline.head,
    maskedHosts: maskHosts,
    maskedTexts: 0,
    leftOut: [...new Set(leftOut.map(({ sha256 }) => sha256))],
  });
  const root = basename(zipPath).replace(/\.zip$/i, '') || 'case';
  const at = new Date();
  await replaceDurably(zipPath, async (handle) => {
    const zip = new ZipWriter(handle);
    const add = (name: string, text: string): Promise<void> =>
      zip.add(`${root}/${name}`, Buffer.from(text), { sizeBytes: Buffer.byteLength(text), at });
    await add(CASE_FILE, `${JSON.stringify(copy.file, null, 2)}\n`);
    await add(TIMELINE, copy.timeline);
    for (const { path, text } of findings.values()) await add(path, text);
    await add('LEFT-OUT.txt', leftOutText(copy.file, new Set(leftOut.map(({ sha256 }) => sha256))));
    for (const { sha256, bytes, name } of uniqueHashes(included)) {
      const path = blobPath(sha256);
      const packed = /\.(?:gz|zst)$/.test(name);
      await zip.add(`${root}/${path}`, createReadStream(join(folder, path)), {
        sizeBytes: bytes,
        at,
        packed,
      });
    }
    await zip.finish();
  });
  return {
    schema: 'stanch/case-zip@1',
    file: zipPath,
    maskedTexts: mask.count,
    maskedHosts: maskHosts,
    included: included.map(({ name }) => name),
    leftOut: leftOut.map(({ name, sha256, bytes }) => ({ name, sha256, bytes })),
  };
}

interface MaskedDocument {
  readonly path: string;
  readonly text: string;
  readonly sha256: string;
}

/** Every stored diagnosis and result, masked, by the hash of the original. */
async function maskedDocuments(
  folder: string,
  { timeline }: CaseOnDisk,
  mask: Mask,
): Promise<Map<string, MaskedDocument>> {
  const masked = new Map<string, MaskedDocument>();
  for (const stored of timeline.records.flatMap(documentsOf)) {
    if (masked.has(stored.sha256)) continue;
    const hint = 'make it again with the command that made it; what is damaged cannot be handed over';
    const text = documentText(mask.value(await readDocument(folder, stored, hint)));
    const sha256 = hashOf(Buffer.from(text));
    masked.set(stored.sha256, { path: `findings/${sha256}.json`, text, sha256 });
  }
  return masked;
}

/** The timeline is written anew, since masking changes its lines; `handOver` tells the head of the original. */
function maskedCopy(
  { file, timeline, evidence }: CaseOnDisk,
  mask: Mask,
  documents: ReadonlyMap<string, MaskedDocument>,
  about: HandOver,
): { file: CaseFile; timeline: string } {
  let head = { seq: 0, hash: '' };
  const lines: string[] = [];
  for (const { v: _v, seq: _seq, prev: _prev, recordedAt, ...entry } of timeline.records) {
    const masked: TimelineEntry = mask.value(entry);
    if (entry.findings) masked.findings = { ...masked.findings!, ...placeOf(entry.findings, documents) };
    if (entry.result) masked.result = { ...masked.result!, ...placeOf(entry.result, documents) };
    const added = linesFor([masked], head, recordedAt);
    head = added.head;
    lines.push(...added.lines);
  }
  const maskedEvidence: CaseEvidence[] = mask.value([...evidence]);
  return {
    file: {
      schema: `stanch/case@${CASE_VERSION}`,
      id: file.id,
      title: mask.text(file.title),
      createdAt: file.createdAt,
      head,
      evidence: maskedEvidence,
      handOver: { ...about, maskedTexts: mask.count },
    },
    timeline: `${lines.join('\n')}\n`,
  };
}

function documentsOf({ findings, result }: TimelineEntry): StoredDocument[] {
  return [...(findings ? [findings] : []), ...(result ? [result] : [])];
}

function placeOf(
  { sha256: original }: StoredDocument,
  documents: ReadonlyMap<string, MaskedDocument>,
): StoredDocument {
  const { path, sha256 } = documents.get(original)!;
  return { file: path, sha256 };
}

function leftOutText({ evidence }: CaseFile, leftOut: ReadonlySet<string>): string {
  const lines = evidence
    .filter(({ sha256 }) => leftOut.has(sha256))
    .map(({ sha256, bytes, name }) => `${sha256}  ${bytes}  ${name}\n`);
  if (lines.length === 0) return 'All evidence is here.\n';
  return `Evidence that stayed behind, since it holds the values of the service: SHA-256, bytes, name.\n\n${lines.join('')}`;
}

function uniqueHashes(evidence: readonly CaseEvidence[]): CaseEvidence[] {
  return [...new Map(evidence.map((item) => [item.sha256, item])).values()];
}

async function assertWhole(folder: string): Promise<void> {
  const { damage } = await checkCase(folder);
  const first = damage.find(({ severity, path }) => severity === 'damage' && path.startsWith('evidence/'));
  if (first)
    throw new UsageError(`${first.path}: ${first.text}`, `stanch case check ${folder} names all damage`);
}

/** What looks random and is the case's own: hashes, and the names of captured series. */
export function ownNames({
  file,
  evidence,
  timeline,
}: Pick<CaseOnDisk, 'file' | 'evidence' | 'timeline'>): Set<string> {
  const documents = timeline.records.flatMap(documentsOf).map(({ sha256 }) => sha256);
  const series = timeline.records.flatMap(({ facts }) => facts?.['series'] ?? []);
  return new Set([file.id, ...evidence.map(({ sha256 }) => sha256), ...documents, ...series]);
}
