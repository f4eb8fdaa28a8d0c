import type { ReportInput } from './report-input.ts';
import type { BuiltSection } from './section.ts';
import { SECTIONS } from './sections/index.ts';

/** A report before it is written: the sections that have something to say, in order. */
export interface Report {
  readonly title: string;
  readonly caseId: string;
  readonly state: string;
  readonly openedAt: string;
  readonly madeAt: string;
  readonly masked: boolean;
  readonly sections: readonly BuiltSection[];
}

/** Fills the incident document from a case. */
export function buildReport(input: ReportInput): Report {
  const { view, madeAt, masked } = input;
  return {
    title: view.title === '' ? 'Memory incident' : view.title,
    caseId: view.id,
    state: view.state === 'open' ? 'open' : `closed: ${view.verdict ?? 'no verdict'}`,
    openedAt: view.createdAt,
    madeAt,
    masked,
    sections: SECTIONS.flatMap((build) => build(input) ?? []),
  };
}
