import { formatBytes, formatCount, formatShare } from '../../base/units.ts';
import type { Diagnosis, EvidenceItem, ProcessAccount } from '../../model/finding.ts';
import { type Block, paragraph, table } from '../blocks.ts';
import { blocksHtml } from '../blocks-html.ts';
import { type GrowthPart, growthParts } from '../charts/growth-account.ts';
import { growthChart } from '../charts/growth-chart.ts';
import { html } from '../html.ts';
import { namingDiagnosis } from '../report-input.ts';
import { type AnySection, section } from '../section.ts';
import { timeText } from '../words.ts';

interface Growth {
  readonly parts: readonly GrowthPart[];
  readonly growth: Diagnosis['growth'];
  readonly process: ProcessAccount | null;
  readonly dumps: readonly Pick<EvidenceItem, 'label' | 'file' | 'at' | 'objects' | 'heapBytes'>[];
}

/** Where the growth between the dumps went, every byte of it. */
export const growth: AnySection = section<Growth>({
  id: 'growth',
  title: 'Where the growth went',
  build(input) {
    const diagnosis = namingDiagnosis(input)?.value;
    if (!diagnosis || diagnosis.evidence.length < 2) return null;
    return {
      parts: growthParts(diagnosis),
      growth: diagnosis.growth,
      process: diagnosis.process ?? null,
      dumps: diagnosis.evidence.map(({ label, file, at, objects, heapBytes }) => ({
        label,
        file,
        at,
        objects,
        heapBytes,
      })),
    };
  },
  html: (data) =>
    html`${blocksHtml(dumpBlocks(data))}${data.parts.length === 0 ? null : growthChart(data.parts, data.growth.grownBytes)}${blocksHtml(processBlocks(data))}`,
  text: (data) => [...dumpBlocks(data), ...partBlocks(data), ...processBlocks(data)],
});

function dumpBlocks({ dumps }: Growth): Block[] {
  return [
    table(
      'What was compared',
      ['', 'Taken', '>Objects', '>Size', 'File'],
      dumps.map(({ label, at, objects, heapBytes, file }) => [
        [{ strong: label }],
        at === null ? '' : timeText(at),
        objects === 0 ? '' : formatCount(objects),
        heapBytes === 0 ? '' : formatBytes(heapBytes),
        [{ code: file }],
      ]),
    ),
  ];
}

function partBlocks({ parts, growth: { grownBytes } }: Growth): Block[] {
  if (parts.length === 0) return [];
  return [
    table(
      'Every byte of the growth, counted once',
      ['', 'What holds it', '>Bytes', '>Share'],
      [
        ...parts.map(({ id, what, owner, bytes, share }) => [
          id ?? '',
          owner === null ? what : [what, { dim: ` – ${owner}` }],
          formatBytes(bytes),
          share === null ? '' : formatShare(share),
        ]),
        ['', [{ strong: 'All growth' }], formatBytes(grownBytes), '100 %'],
      ],
    ),
  ];
}

function processBlocks({ process, growth: { shrunkBytes, fromBytes, toBytes } }: Growth): Block[] {
  const net = `${formatBytes(fromBytes)} → ${formatBytes(toBytes)}`;
  return [
    paragraph(
      shrunkBytes > 0
        ? `Other things shrank by ${formatBytes(shrunkBytes)}: in all ${net}.`
        : `In all ${net}.`,
      ...(process
        ? [` Memory of the process: ${process.rssBytes.map(formatBytes).join(' → ')}. ${process.text}`]
        : []),
    ),
  ];
}
