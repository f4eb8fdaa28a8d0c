import type { TextChecks } from '../claims/text-checks.ts';
import type { Confirmation } from '../confirm/confirmation.ts';
import type { CaseView } from '../model/case.ts';
import type { Diagnosis } from '../model/finding.ts';
import type { Verification } from '../verify/verification.ts';

/** Something that a command answered, and when. */
export interface Dated<Value> {
  /** ISO 8601. */
  readonly at: string;
  readonly value: Value;
}

/** A judged series with its points. */
export interface ConfirmedSeries extends Omit<Confirmation, 'floor'> {
  readonly floor: Confirmation['floor'] | null;
  readonly samples: {
    readonly times: readonly number[];
    readonly values: readonly number[];
    /** So many there were before they were thinned. */
    readonly of: number;
  } | null;
  /** In the unit of the metric. */
  readonly limit: number | null;
  readonly others?: readonly Omit<Confirmation, 'floor'>[];
}

/** Any other answer that was kept. */
export interface KeptAnswer {
  readonly schema: string;
  readonly verdict: string | null;
  readonly summary: string;
  /** Null when it is gone or altered. */
  readonly document: unknown;
}

/** What a report is made of: a case, read and masked. */
export interface ReportInput {
  /** As the reader would type it. */
  readonly folder: string;
  readonly view: CaseView;
  readonly settings: Readonly<Record<string, string>>;
  /** In the order of time. */
  readonly diagnoses: readonly Dated<Diagnosis>[];
  readonly confirmations: readonly Dated<ConfirmedSeries>[];
  readonly checks: readonly Dated<TextChecks>[];
  readonly verifications: readonly Dated<Verification>[];
  readonly otherAnswers: readonly Dated<KeptAnswer>[];
  readonly madeAt: string;
  /** False when values of the service were left as they are. */
  readonly masked: boolean;
}

/** The diagnosis that names causes: the last that saw a leak; without one the last of all. A later one on a fixed build proves, it does not name. */
export function namingDiagnosis({ diagnoses }: ReportInput): Dated<Diagnosis> | null {
  return diagnoses.findLast(({ value }) => value.verdict === 'leak') ?? diagnoses.at(-1) ?? null;
}

/** The series of the incident: the last that leaks; without one the last of all. */
export function incidentSeries({ confirmations }: ReportInput): Dated<ConfirmedSeries> | null {
  return confirmations.findLast(({ value }) => value.verdict === 'leak') ?? confirmations.at(-1) ?? null;
}
