import { formatBytes, formatCount, formatShare } from '../../base/units.ts';
import type { Diagnosis, Verdict } from '../../model/finding.ts';
import type { UnreadableEvidence } from '../../sources/evidence.ts';
import { accountLines } from './account.ts';
import { findingLines } from './finding.ts';
import { nextLines, unreadableLines } from './notes.ts';
import { plural, signedBytes } from './numbers.ts';
import { table } from './table.ts';
import { type Line, line, type Style, span } from './text.ts';
import { middleCut, wrap } from './wrap.ts';

/** How the evidence was sorted out. */
export interface SortedOut {
  readonly unreadable: readonly UnreadableEvidence[];
  readonly notes: readonly string[];
}

const VERDICTS: Readonly<Record<Verdict, { sign: string; style: Style }>> = {
  leak: { sign: '✗', style: 'bad-strong' },
  'no-leak': { sign: '✓', style: 'good-strong' },
  inconclusive: { sign: '?', style: 'warn-strong' },
};

/** A diagnosis for people: the verdict, each cause, what was looked at besides, where every byte went, what to do next. */
export function diagnosisLines(diagnosis: Diagnosis, sortedOut: SortedOut, width: number): Line[] {
  return [
    ...verdictLines(diagnosis, width),
    line(),
    ...evidenceLines(diagnosis, width),
    ...unreadableLines(sortedOut.unreadable, sortedOut.notes, width),
    ...diagnosis.findings.flatMap((finding) => [
      line(),
      ...findingLines(finding, diagnosis.growth.grownBytes, width),
    ]),
    ...harmlessLines(diagnosis, width),
    ...claimLines(diagnosis, width),
    ...accountLines(diagnosis, width),
    ...nextLines(diagnosis.next, width),
  ];
}

/** The first line: the verdict, the share of the growth that is explained, and how sure it is. */
export function verdictLines({ verdict, summary, confidence }: Diagnosis, width: number): Line[] {
  const { sign, style } = VERDICTS[verdict];
  const sure = verdict === 'inconclusive' ? '' : `  ${formatShare(confidence)} sure`;
  return wrap(line(span(`${sign} `, style), span(summary, style), span(sure, 'dim')), width, 2);
}

function evidenceLines({ evidence, sameProcess }: Diagnosis, width: number): Line[] {
  const rows = evidence.map(({ label, objects, heapBytes, file, at }) =>
    line(
      span(label, 'strong'),
      formatCount(objects),
      formatBytes(heapBytes),
      span(at ? at.replace('T', ' ').replace(/(:\d\d)\.\d+Z$/, '$1') : '', 'dim'),
      span(file, 'dim'),
    ),
  );
  const columns = [
    { title: '' },
    { title: 'objects', align: 'right' },
    { title: 'heap', align: 'right' },
    { title: '' },
    { title: 'file', flexible: true, cut: middleCut },
  ] as const;
  const partial = evidence.filter((item) => item.partial !== null);
  return [
    ...table(columns, rows, width, 2),
    ...partial.flatMap(({ label, partial: missing }) =>
      wrap(line(span(`  ${label}: only a part could be read; missing: ${missing}`, 'warn')), width, 4),
    ),
    ...evidence.flatMap(({ label, warnings }) =>
      (warnings ?? []).flatMap((warning) => wrap(line(span(`  ${label}: ${warning}`, 'warn')), width, 4)),
    ),
    ...(sameProcess || evidence.length < 2
      ? []
      : wrap(
          line(
            span(
              '  These dumps are of different processes: they are compared by class and path, not by object.',
              'warn',
            ),
          ),
          width,
          2,
        )),
  ];
}

function harmlessLines({ harmless }: Diagnosis, width: number): Line[] {
  if (harmless.length === 0) return [];
  const textWidth = width - 4;
  return [
    line(),
    line(span('Looked at, and no leak', 'strong')),
    ...harmless.flatMap(({ owner, bytes, objects, why }) => [
      ...wrap(
        line(
          span('  ✓ ', 'good'),
          owner,
          span(`  ${signedBytes(bytes)}${objects > 0 ? `, ${plural(objects, 'object')}` : ''}`, 'dim'),
        ),
        width,
        4,
      ),
      ...wrap(line(span(why, 'dim')), textWidth).map((spans) => [span('    '), ...spans]),
    ]),
  ];
}

const CLAIM_SIGNS = {
  holds: span('✓ ', 'good'),
  contradicted: span('✗ ', 'bad'),
  'cannot-tell': span('? ', 'warn'),
};

function claimLines({ claims }: Diagnosis, width: number): Line[] {
  if (claims.length === 0) return [];
  return [
    line(),
    line(span('Claims', 'strong')),
    ...claims.flatMap(({ text, verdict, because }) =>
      wrap(line('  ', CLAIM_SIGNS[verdict], text, span(`: ${because}`, 'dim')), width, 4),
    ),
  ];
}
