import { EXIT, StanchError } from '../base/errors.ts';

type Json = Record<string, unknown>;

/** From one version of the case folder to the next. Files on disk stay as they are until something is written. */
export interface UpgradeStep {
  /** `case.json` of the version before. */
  readonly file: (old: Json) => Json;
  /** A record of the timeline of the version before; the same when absent. */
  readonly record?: (old: Json) => Json;
}

export const CASE_VERSION = 1;

/** `STEPS[n]` makes version n + 1 of version n. Empty: version 1 is the first. */
export const STEPS: Readonly<Record<number, UpgradeStep>> = {};

/**
 * `case.json` of any version as that of this one.
 *
 * @throws StanchError `case-too-new` for a version of a later Stanch, `case-damaged` for what is none
 */
export function upgradedFile(value: unknown, steps: Readonly<Record<number, UpgradeStep>> = STEPS): Json {
  const schema = isJson(value) ? value['schema'] : undefined;
  const version = /^stanch\/case@(\d+)$/.exec(String(schema))?.[1];
  if (!isJson(value) || version === undefined) {
    throw new StanchError(`case.json has no schema 'stanch/case@…'`, {
      code: 'case-damaged',
      exitCode: EXIT.unreadable,
      hint: 'stanch case check names what is damaged',
    });
  }
  let file = value;
  for (const step of chain(Number(version), steps)) file = step.file(file);
  return { ...file, schema: `stanch/case@${CASE_VERSION}` };
}

/** A record of any version as one of this. */
export function upgradedRecord(record: Json, steps: Readonly<Record<number, UpgradeStep>> = STEPS): Json {
  const from = Number(record['v'] ?? 0);
  const through = chain(from, steps);
  let current = record;
  for (const step of through) current = step.record?.(current) ?? current;
  return through.length === 0 ? current : { ...current, v: CASE_VERSION };
}

function chain(from: number, steps: Readonly<Record<number, UpgradeStep>>): UpgradeStep[] {
  if (from > CASE_VERSION) {
    throw new StanchError(`the case was written by a later Stanch (version ${from} of the case folder)`, {
      code: 'case-too-new',
      exitCode: EXIT.unreadable,
      hint: `this one knows versions up to ${CASE_VERSION}: use a newer one`,
    });
  }
  const through: UpgradeStep[] = [];
  for (let version = from; version < CASE_VERSION; version++) {
    const step = steps[version];
    if (step === undefined) {
      throw new StanchError(`version ${version} of the case folder is not known`, {
        code: 'case-unknown-version',
        exitCode: EXIT.unreadable,
      });
    }
    through.push(step);
  }
  return through;
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
