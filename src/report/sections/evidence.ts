import { formatBytes } from '../../base/units.ts';
import type { CaseDamage, CaseEvidence } from '../../model/case.ts';
import { type Block, list, paragraph, type Text, table } from '../blocks.ts';
import { blocksHtml } from '../blocks-html.ts';
import { type AnySection, section } from '../section.ts';
import { timeText } from '../words.ts';

interface EvidenceList {
  readonly evidence: readonly CaseEvidence[];
  readonly damage: readonly CaseDamage[];
  readonly masked: boolean;
}

/** What all of this rests on: files with their hashes. */
export const evidence: AnySection = section<EvidenceList>({
  id: 'evidence',
  title: 'Evidence',
  build: ({ view, masked }) =>
    view.evidence.length + view.damage.length === 0
      ? null
      : { evidence: view.evidence, damage: view.damage, masked },
  html: (data) => blocksHtml(blocksOf(data)),
  text: blocksOf,
});

const HASH_SIGNS = 16;

function blocksOf({ evidence: files, damage, masked }: EvidenceList): Block[] {
  return [
    ...(damage.length === 0
      ? []
      : [
          list(
            damage.map(
              ({ path, text, severity }): Text => [
                { tone: severity === 'damage' ? 'bad' : 'warn', text: `${severity}: ` },
                { code: path },
                ` ${text}`,
              ],
            ),
          ),
        ]),
    table(
      'Files, never altered',
      ['Name', 'What', 'Taken', '>Size', 'SHA-256'],
      files.map(({ name, kind, format, takenAt, bytes, sha256 }): Text[] => [
        [{ code: name }],
        format ?? kind,
        timeText(takenAt),
        formatBytes(bytes),
        [{ code: sha256.slice(0, HASH_SIGNS) }],
      ]),
    ),
    paragraph({
      dim: masked
        ? 'Mail addresses, keys, tokens and the like are masked by their shape; the evidence itself stays with the case.'
        : 'Values of the service are shown as they are: treat this report like the evidence.',
    }),
  ];
}
