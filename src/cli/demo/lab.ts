import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../../base/errors.ts';
import type { OnProgress } from '../../base/progress.ts';
import { formatBytes } from '../../base/units.ts';
import type { Diagnosis } from '../../model/finding.ts';
import { packageRoot } from './package-root.ts';

export type Build = 'leaking' | 'fixed';

export interface MeasureOptions {
  /** The lab's folder. */
  readonly lab: string;
  readonly build: Build;
  /** Where the evidence goes. */
  readonly folder: string;
  /** Operations in each round. */
  readonly ops: number;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
  readonly onProgress: OnProgress;
}

export interface Measured {
  /** Files of evidence, oldest first. */
  readonly files: readonly string[];
  /** Operations between the first and the last piece of evidence, as the driver counted them. */
  readonly operations: number;
  /** What was done, for people. */
  readonly did: string;
}

export interface DemoFact {
  readonly name: string;
  readonly value: string;
  readonly note?: string;
}

/** A service that is there to leak, and how evidence is taken from it. */
export interface DemoLab {
  readonly name: string;
  /** What the driver counts, in the singular. */
  readonly operation: string;
  readonly opsInRound: number;
  /** @throws UsageError when something that the service needs is not installed */
  check(folder: string): Promise<void>;
  measure(options: MeasureOptions): Promise<Measured>;
  /** Numbers of this lab's own, computed from nothing but the diagnosis and the driver's count. */
  facts(
    measured: Measured,
    diagnosis: Diagnosis,
  ): { shown: DemoFact[]; json: Readonly<Record<string, unknown>> };
}

/** Evidence is taken three times: two would not tell a leak from a cache that fills. */
const MOMENTS = ['A', 'B', 'C'] as const;

/** Does something with a service that is stopped afterwards in any case, and at once when the signal aborts. */
export async function whileRunning<Server extends { stop(): Promise<void> }, Result>(
  server: Server,
  signal: AbortSignal,
  work: (server: Server) => Promise<Result>,
): Promise<Result> {
  const stop = (): void => void server.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    return await work(server);
  } finally {
    signal.removeEventListener('abort', stop);
    await server.stop();
  }
}

/**
 * Takes evidence three times, with a round of load before the second and the third.
 *
 * @param counted what the driver has counted up to the first; `drive` gives what it has counted after a round
 */
export async function takeThree(
  counted: number,
  steps: {
    drive(round: string): Promise<number>;
    take(moment: string): Promise<string>;
  },
): Promise<Pick<Measured, 'files' | 'operations'>> {
  const counts = [counted];
  const files: string[] = [];
  for (const [at, moment] of MOMENTS.entries()) {
    if (at > 0) counts.push(await steps.drive(`round ${at} of ${MOMENTS.length - 1}`));
    files.push(await steps.take(moment));
  }
  return { files, operations: counts.at(-1)! - counts[0]! };
}

/** How the process itself grew, as far as its evidence tells. */
export function residentFacts({ process }: Diagnosis): ReturnType<DemoLab['facts']> {
  if (!process) return { shown: [], json: {} };
  const [first, last] = [process.rssBytes[0]!, process.rssBytes.at(-1)!];
  return { shown: [{ name: 'resident', value: `${formatBytes(first)} → ${formatBytes(last)}` }], json: {} };
}

/**
 * Folder of a lab in the checkout.
 *
 * @throws UsageError where there is no checkout (Stanch was installed from npm)
 */
export function labFolder(name: string): string {
  const folder = join(packageRoot(), 'labs', name);
  if (existsSync(join(folder, 'driver.js'))) return folder;
  throw new UsageError(
    `the ${name} service is not part of the installed package`,
    'clone the Stanch repository, run `npm install` there, then `npm start`',
  );
}

/** A module of a lab: labs are plain JavaScript that Stanch knows by their READMEs only. */
export async function labModule<Exports>(folder: string, file: string): Promise<Exports> {
  return (await import(pathToFileURL(join(folder, file)).href)) as Exports;
}

/** @throws UsageError when the lab says that a runtime is absent */
export async function checkRuntime(folder: string, name: string): Promise<void> {
  const { missingRuntime } = await labModule<{
    missingRuntime(): { message: string; hint: string } | null;
  }>(folder, 'missing-runtime.js');
  const missing = missingRuntime();
  if (missing) throw new UsageError(`the ${name} service cannot run: ${missing.message}`, missing.hint);
}
