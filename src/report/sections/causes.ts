import { formatBytes, formatCount, formatShare } from '../../base/units.ts';
import { LEAK_CONFIDENCE } from '../../diagnosis/confidence.ts';
import type { Finding, FindingLocation } from '../../model/finding.ts';
import { type Block, fields, type Inline, list, paragraph, type Text } from '../blocks.ts';
import { blocksHtml, textHtml } from '../blocks-html.ts';
import { pathSteps, suspectStep } from '../charts/path-steps.ts';
import { type Html, html } from '../html.ts';
import { namingDiagnosis } from '../report-input.ts';
import { type AnySection, section } from '../section.ts';

interface Causes {
  readonly runtime: string;
  readonly grownBytes: number;
  readonly findings: readonly Finding[];
}

/** Each cause: who holds what grows, how it is held, how sure that is, and what to do. */
export const causes: AnySection = section<Causes>({
  id: 'causes',
  title: 'Causes',
  build(input) {
    const diagnosis = namingDiagnosis(input)?.value;
    if (!diagnosis || diagnosis.findings.length === 0) return null;
    return {
      runtime: diagnosis.runtime,
      grownBytes: diagnosis.growth.grownBytes,
      findings: diagnosis.findings,
    };
  },
  html: ({ findings, grownBytes }) => html`${findings.map((finding) => causeHtml(finding, grownBytes))}`,
  text: ({ findings, grownBytes }) => findings.flatMap((finding) => causeText(finding, grownBytes)),
});

function causeHtml(finding: Finding, grownBytes: number): Html {
  const { id, title, path, remedy, owner, pattern, confidence } = finding;
  const certain = confidence >= LEAK_CONFIDENCE;
  return html`<article class="finding" id="${id}">
<h3>${textHtml(title)}</h3>
<p class="tags"><span class="tag">${pattern}</span>${certain ? null : html`<span class="tag warn">a suspect</span>`}</p>
${blocksHtml([aboutFields(finding, grownBytes)])}
${path.length === 0 ? null : html`<h4>How it is held</h4>\n${pathSteps(path, `From the roots to ${owner}`)}`}
${blocksHtml(evidenceBlocks(finding))}
<h4>What to do</h4>
<p>${remedy.summary}</p>
${remedy.example === '' ? null : html`<pre tabindex="0"><code>${remedy.example}</code></pre>`}
<p class="dim">Signature <code>${finding.signature}</code></p>
</article>\n`;
}

function causeText(finding: Finding, grownBytes: number): Block[] {
  const { rank, title, path, remedy, pattern, confidence } = finding;
  const suspect = suspectStep(path);
  return [
    { kind: 'heading', text: `${rank}. ${title}` },
    paragraph({ dim: `${pattern}${confidence >= LEAK_CONFIDENCE ? '' : ', a suspect'}` }),
    aboutFields(finding, grownBytes),
    ...(path.length === 0
      ? []
      : [
          paragraph('How it is held:'),
          list(
            path.map(
              ({ node, via, leaking, why }, at): Text => [
                SIGNS[leaking],
                ...(via === '' ? [] : [{ code: via } as const, ' ']),
                node,
                { dim: why ? `  ${why}` : '' },
                at === suspect ? { tone: 'bad', text: '  ← this reference should be gone' } : '',
              ],
            ),
          ),
        ]),
    ...evidenceBlocks(finding),
    paragraph({ strong: 'What to do: ' }, remedy.summary),
    ...(remedy.example === '' ? [] : [{ kind: 'code', code: remedy.example } as const]),
    paragraph({ dim: `signature ${finding.signature}` }),
  ];
}

const SIGNS: Readonly<Record<'yes' | 'no' | 'unknown', Inline>> = {
  yes: { tone: 'bad', text: '✗ ' },
  no: { tone: 'good', text: '✓ ' },
  unknown: { tone: 'warn', text: '? ' },
};

const ROLES: Readonly<Record<FindingLocation['role'], string>> = {
  adds: 'Added at',
  holds: 'Held at',
  allocates: 'Made at',
  'should-remove': 'Remove at',
  removes: 'Removed at',
};

function aboutFields(
  { owner, location, alsoSee, growth, retainedBytes, confidence, members, alsoHeldBy }: Finding,
  grownBytes: number,
): Block {
  const places = location ? [location, ...alsoSee] : alsoSee;
  const rates = [
    growth.perOperation === null ? null : `${short(growth.perOperation)} for each operation`,
    growth.perHour === null ? null : `${short(growth.perHour)} an hour`,
    growth.holders > 1 ? `in ${formatCount(growth.holders)} holders` : null,
  ].filter((text) => text !== null);
  return fields(
    ['Owner', [{ code: owner }]],
    ...places.map(({ role, file, line }): readonly [string, Text] => [
      ROLES[role],
      [{ code: `${file}:${line}` }],
    ]),
    [
      'Share',
      grownBytes > 0
        ? [{ strong: formatShare(growth.bytes / grownBytes) }, ` of the growth, ${formatBytes(growth.bytes)}`]
        : formatBytes(growth.bytes),
    ],
    [
      'Entries',
      growth.objects === 0
        ? null
        : [
            growth.series.length > 1 ? `${growth.series.map(formatCount).join(' → ')}, ` : '',
            `${growth.objects > 0 ? '+' : ''}${formatCount(growth.objects)}`,
            rates.length === 0 ? '' : `: ${rates.join(', ')}`,
          ],
    ],
    ['Keeps', retainedBytes === null ? null : `${formatBytes(retainedBytes)} in all`],
    [
      'Members',
      members.length === 0 ? null : [{ code: `${formatCount(members[0]!.objects)} × ${members[0]!.shape}` }],
    ],
    ['Also held by', alsoHeldBy.length === 0 ? null : alsoHeldBy.slice(0, 5).join('; ')],
    ['Confidence', [{ strong: formatShare(confidence) }]],
  );
}

function evidenceBlocks({ reasons, against }: Finding): Block[] {
  return [
    ...(reasons.length === 0 ? [] : [paragraph('For it:'), list(reasons)]),
    ...(against.length === 0 ? [] : [paragraph('Against it:'), list(against)]),
  ];
}

function short(value: number): string {
  return Math.abs(value) >= 100 ? formatCount(value) : String(Number(value.toPrecision(3)));
}
