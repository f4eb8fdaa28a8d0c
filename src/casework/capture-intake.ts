import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { StanchError } from '../base/errors.ts';
import { formatBytes } from '../base/units.ts';
import type { PreFlight } from '../capture/targets/pre-flight.ts';
import type { CapturedMoment } from '../capture/targets/series.ts';
import type { TimelineRecord } from '../model/case.ts';
import { addNamedFiles } from './add-evidence.ts';
import { readCase } from './case-folder.ts';
import { makeFolder, writeDurably } from './durable-file.ts';
import type { NamedFile } from './evidence-names.ts';
import { blobPath } from './evidence-store.ts';
import { lifeOf, ownIdentity, type ProcessIdentity, processKey } from './process-identity.ts';

/*
 * A capture writes into `.incoming/<series>/` of the case; a moment that is whole gets a manifest beside it (`A.taken.json`), goes into the evidence
 * and onto the timeline, and is then taken away. Whoever comes after a capture that was killed adds the moments that have a manifest and removes
 * the others: half of a moment would be compared with whole ones.
 */
const INCOMING = '.incoming';
const OWNER = 'owner.json';
const MANIFEST = '.taken.json';

interface Manifest {
  readonly at: string;
  readonly text: string;
  readonly facts: Record<string, string>;
  /** Below the series' folder. */
  readonly files: readonly string[];
}

/** Where a capture leaves its files, on their way into a case. */
export interface Intake {
  /** An empty folder on the disk of the case. */
  readonly folder: string;
  /** Names of this capture's evidence begin with it. */
  readonly series: string;
  /** Takes a whole moment into the case: when it returns, the moment is evidence and on the timeline. */
  take(moment: CapturedMoment): Promise<{ record: TimelineRecord | null; moment: CapturedMoment }>;
  /** Removes what is no whole moment. */
  close(): Promise<void>;
}

/** Makes ready to capture into a case, and first settles what an interrupted capture left there. */
export async function openIntake(folder: string, preFlight: PreFlight): Promise<Intake> {
  await readCase(folder);
  await settleIncoming(folder);
  const owner = ownIdentity();
  const started = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const series = `${nameOf(preFlight)}-${started}-${owner.pid}`;
  const incoming = join(folder, INCOMING, series);
  await makeFolder(incoming);
  await writeDurably(join(incoming, OWNER), JSON.stringify(owner));
  const target = {
    target: preFlight.target,
    runtime: preFlight.runtime,
    role: preFlight.role,
    series,
    process: preFlight.pid === null ? preFlight.target : processKey(preFlight.pid),
    ...(preFlight.pid === null ? {} : { pid: String(preFlight.pid) }),
    ...(preFlight.pauseMs === null ? {} : { pauseExpectedMs: String(Math.round(preFlight.pauseMs)) }),
  };
  return {
    folder: incoming,
    series,
    async take(moment) {
      const manifest = manifestOf(moment, incoming, preFlight, target);
      await writeDurably(join(incoming, `${moment.label}${MANIFEST}`), JSON.stringify(manifest));
      const record = await settleMoment(folder, series, incoming, moment.label, manifest);
      const files = moment.files.map((each) => ({ ...each, file: join(folder, blobPath(each.sha256)) }));
      return { record, moment: { ...moment, files } };
    },
    async close() {
      // A whole moment that could not be taken in (a full disk) waits for the next command.
      const left = await readdir(incoming).catch(() => []);
      if (!left.some((name) => name.endsWith(MANIFEST))) await rm(incoming, { recursive: true, force: true });
    },
  };
}

/**
 * Puts right what captures that were killed have left: whole moments become evidence, the rest is removed. Those of captures that go on, or that run
 * where nobody can see, are left alone.
 *
 * @returns the moments that were added
 */
export async function settleIncoming(folder: string): Promise<TimelineRecord[]> {
  const added: TimelineRecord[] = [];
  for (const series of await readdir(join(folder, INCOMING)).catch(() => [])) {
    const incoming = join(folder, INCOMING, series);
    const owner = await readJson<ProcessIdentity>(join(incoming, OWNER));
    if (owner !== null && lifeOf(owner) !== 'dead') continue;
    // Without an owner nothing was captured yet.
    const names = owner === null ? [] : await readdir(incoming).catch(() => []);
    for (const name of names.filter((each) => each.endsWith(MANIFEST)).sort()) {
      const manifest = await readJson<Manifest>(join(incoming, name));
      if (manifest === null) continue;
      const record = await settleMoment(folder, series, incoming, name.slice(0, -MANIFEST.length), manifest);
      if (record) added.push(record);
    }
    await rm(incoming, { recursive: true, force: true });
  }
  return added;
}

async function settleMoment(
  folder: string,
  series: string,
  incoming: string,
  label: string,
  { at, text, facts, files }: Manifest,
): Promise<TimelineRecord | null> {
  const named = files
    .filter((file) => !file.split('/').includes('..'))
    .map((file): NamedFile => ({ path: join(incoming, file), name: `${series}/${file}` }));
  const { record } = await addLinked(folder, named, { note: text, at, facts });
  // The manifest goes first: without it the rest is only a leftover.
  await rm(join(incoming, `${label}${MANIFEST}`), { force: true });
  for (const { path } of named) await rm(path, { force: true });
  return record;
}

/** One copy on the disk, where it can have two names for a moment. */
async function addLinked(
  folder: string,
  files: readonly NamedFile[],
  options: { note: string; at: string; facts: Record<string, string> },
): ReturnType<typeof addNamedFiles> {
  try {
    return await addNamedFiles(folder, files, { ...options, hardLink: true });
  } catch (error) {
    if (!(error instanceof StanchError) || error.code !== 'no-hard-link') throw error;
    return addNamedFiles(folder, files, options);
  }
}

function manifestOf(
  { label, at, files }: CapturedMoment,
  incoming: string,
  { target, runtime }: PreFlight,
  facts: Record<string, string>,
): Manifest {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const elapsedMs = Math.round(files.reduce((sum, file) => sum + file.elapsedMs, 0));
  return {
    at,
    text: `${runtime}, ${target}: ${formatBytes(bytes)} in ${(elapsedMs / 1000).toFixed(2)} s`,
    facts: { ...facts, label, bytes: String(bytes), elapsedMs: String(elapsedMs) },
    files: files.map(({ file }) => relative(incoming, file).split(sep).join('/')),
  };
}

/** `node-4711`, `go-127.0.0.1-6060` */
function nameOf({ runtime, pid, target }: PreFlight): string {
  const who = pid ?? target.replace(/^\w+:\/\//, '').replace(/[^\w.-]+/g, '-');
  return basename(`${runtime}-${who}`)
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, 60);
}

async function readJson<T>(path: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    return null;
  }
}
