import type { Block } from './blocks.ts';
import type { Html } from './html.ts';
import type { ReportInput } from './report-input.ts';

/** One section of the report. */
export interface Section<Data> {
  /** kebab-case; its anchor in the page and its name in the JSON. */
  readonly id: string;
  readonly title: string;
  /** What it needs, out of the case; null leaves the section out. */
  build(input: ReportInput): Data | null;
  html(data: Data): Html;
  text(data: Data): readonly Block[];
}

/** A section with its data in it. */
export interface BuiltSection {
  readonly id: string;
  readonly title: string;
  readonly data: unknown;
  html(): Html;
  text(): readonly Block[];
}

/** Sections of different data in one list. */
export type AnySection = (input: ReportInput) => BuiltSection | null;

export function section<Data>(given: Section<Data>): AnySection {
  const { id, title } = given;
  return (input) => {
    const data = given.build(input);
    if (data === null) return null;
    return { id, title, data, html: () => given.html(data), text: () => given.text(data) };
  };
}
