import type { Report } from '../report.ts';

/** `stanch/report@1`: the data of each section, by its id. */
export interface ReportDocument {
  readonly schema: 'stanch/report@1';
  readonly title: string;
  readonly caseId: string;
  readonly state: string;
  readonly openedAt: string;
  readonly madeAt: string;
  readonly masked: boolean;
  readonly sections: readonly { readonly id: string; readonly title: string; readonly data: unknown }[];
}

export function reportDocument({ sections, ...about }: Report): ReportDocument {
  return {
    schema: 'stanch/report@1',
    ...about,
    sections: sections.map(({ id, title, data }) => ({ id, title, data })),
  };
}
