import type { FindingLocation } from '../../model/finding.ts';
import { type Block, type Text, table } from '../blocks.ts';
import { blocksHtml } from '../blocks-html.ts';
import { namingDiagnosis } from '../report-input.ts';
import { type AnySection, section } from '../section.ts';

interface Place {
  readonly file: string;
  readonly line: number;
  readonly role: FindingLocation['role'];
  /** Of the cause. */
  readonly finding: string;
  readonly pattern: string;
}

interface Files {
  readonly places: readonly Place[];
}

/** Where the code is to be changed. */
export const files: AnySection = section<Files>({
  id: 'files',
  title: 'Files to change',
  build(input) {
    const findings = namingDiagnosis(input)?.value.findings ?? [];
    const places = findings.flatMap(({ id, pattern, location, alsoSee }) =>
      (location ? [location, ...alsoSee] : alsoSee).map((place) => ({ ...place, finding: id, pattern })),
    );
    return places.length === 0 ? null : { places };
  },
  html: (data) => blocksHtml(blocksOf(data)),
  text: blocksOf,
});

const WORDS: Readonly<Record<Place['role'], string>> = {
  adds: 'members come in here',
  'should-remove': 'they should be removed here',
  allocates: 'they are made here',
  holds: 'the holder is declared here',
  removes: 'some are removed here',
};

function blocksOf({ places }: Files): Block[] {
  return [
    table(
      'Lines that take part',
      ['File', 'What happens there', 'Cause'],
      places.map(({ file, line, role, finding, pattern }): Text[] => [
        [{ code: `${file}:${line}` }],
        WORDS[role],
        [{ strong: finding }, { dim: ` ${pattern}` }],
      ]),
    ),
  ];
}
