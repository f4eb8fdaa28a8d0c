import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../../base/errors.ts';
import type { OnProgress } from '../../base/progress.ts';
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
