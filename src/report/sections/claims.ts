import { type Block, type Inline, paragraph, type Text, table } from '../blocks.ts';
import { blocksHtml } from '../blocks-html.ts';
import { namingDiagnosis } from '../report-input.ts';
import { type AnySection, section } from '../section.ts';

type Verdict = 'holds' | 'contradicted' | 'cannot-tell';

interface CheckedClaim {
  readonly text: string;
  readonly verdict: Verdict;
  readonly because: string;
  /** `incident.md, line 12`; null for what a diagnosis says. */
  readonly where: string | null;
}

interface Claims {
  readonly claims: readonly CheckedClaim[];
  readonly counts: Readonly<Record<Verdict, number>>;
}

const ORDER: readonly Verdict[] = ['contradicted', 'cannot-tell', 'holds'];

/** What was said of the incident, held against numbers and dumps. */
export const claims: AnySection = section<Claims>({
  id: 'claims',
  title: 'Claims, checked',
  build(input) {
    const found: CheckedClaim[] = [
      // Of a text that was checked twice the last answer counts.
      ...[
        ...new Map(
          input.checks
            .flatMap(({ value }) => value.claims)
            .map((claim) => [`${claim.file} ${claim.line} ${claim.text}`, claim]),
        ).values(),
      ].map(({ text, verdict, because, file, line }) => ({
        text,
        verdict,
        because,
        where: `${file.split('/').at(-1)}, line ${line}`,
      })),
      ...(namingDiagnosis(input)?.value.claims ?? []).map((claim) => ({ ...claim, where: null })),
    ];
    if (found.length === 0) return null;
    const counts = { holds: 0, contradicted: 0, 'cannot-tell': 0 };
    for (const { verdict } of found) counts[verdict]++;
    return { claims: found.sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict)), counts };
  },
  html: (data) => blocksHtml(blocksOf(data)),
  text: blocksOf,
});

const WORDS: Readonly<Record<Verdict, Inline>> = {
  holds: { tone: 'good', text: 'holds' },
  contradicted: { tone: 'bad', text: 'contradicted' },
  'cannot-tell': { tone: 'warn', text: 'cannot be told' },
};

function blocksOf({ claims: found, counts }: Claims): Block[] {
  return [
    paragraph(
      `${counts.contradicted} contradicted, ${counts['cannot-tell']} cannot be told, ${counts.holds} ${counts.holds === 1 ? 'holds' : 'hold'}.`,
    ),
    table(
      'What was said, and what the numbers say',
      ['Verdict', 'Claim', 'Because'],
      found.map(({ text, verdict, because, where }): Text[] => [
        [WORDS[verdict]],
        [text, where === null ? '' : { dim: ` (${where})` }],
        because,
      ]),
    ),
  ];
}
