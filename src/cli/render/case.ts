import { formatBytes } from '../../base/units.ts';
import type { CaseCheck } from '../../casework/check-case.ts';
import type { HandedOver } from '../../casework/hand-over.ts';
import type { CaseDamage, CaseEvidence, CaseFile, CaseView, TimelineRecord } from '../../model/case.ts';
import type { Diagnosis } from '../../model/finding.ts';
import { verdictLines } from './diagnosis.ts';
import { plural, signedBytes } from './numbers.ts';
import { table } from './table.ts';
import { type Line, line, span } from './text.ts';
import { middleCut, wrap } from './wrap.ts';

export function openedLines(folder: string, { title, id }: CaseFile): Line[] {
  return [
    line(span('✓ ', 'good'), 'opened ', span(title, 'strong'), span(`  ${folder}  ${id}`, 'dim')),
    line('  ', span(`stanch case add ${folder} <files…>`, 'accent')),
  ];
}

/** What `case add` took in. */
export function addedLines(
  result: {
    added: readonly CaseEvidence[];
    alreadyThere: readonly CaseEvidence[];
    record: TimelineRecord | null;
  },
  width: number,
): Line[] {
  const { added, alreadyThere, record } = result;
  return [
    ...evidenceTable(added, new Set(), width),
    ...alreadyThere.flatMap(({ name }) => wrap(line(span(`  · ${name} was there already`, 'dim')), width, 4)),
    ...(record === null ? [] : recordLines([record], width)),
  ];
}

/** Records as lines of a timeline. */
export function recordLines(records: readonly TimelineRecord[], width: number, none: string = ''): Line[] {
  if (records.length === 0) return none === '' ? [] : [line(span(`  ${none}`, 'dim'))];
  return records.flatMap(({ at, kind, text }) =>
    wrap(
      line('  ', span(timeText(at), 'dim'), '  ', span(kind.padEnd(KIND_WIDTH), styleOf(kind)), text),
      width,
      INDENT,
    ),
  );
}

/** A case on one page. */
export function caseLines(view: CaseView, diagnosis: Diagnosis | null, width: number): Line[] {
  const leftOut = new Set(view.handOver?.leftOut ?? []);
  const state = view.state === 'open' ? 'open' : `closed: ${view.verdict ?? 'no verdict'}`;
  return [
    ...wrap(
      line(span(view.title, 'strong'), span(`  ${state}`, view.state === 'open' ? 'warn' : 'good')),
      width,
    ),
    line(span(`case ${view.id}, opened ${timeText(view.createdAt)}`, 'dim')),
    ...(view.handOver
      ? [
          line(
            span(
              `a copy for hand-over of ${timeText(view.handOver.at)}; ${plural(view.handOver.maskedTexts, 'text')} masked`,
              'dim',
            ),
          ),
        ]
      : []),
    ...damageLines(view.damage, width),
    line(),
    line(span('Evidence', 'strong'), span(`  ${plural(view.evidence.length, 'file')}`, 'dim')),
    ...evidenceTable(view.evidence, leftOut, width),
    line(),
    line(span('Timeline', 'strong'), span('  UTC', 'dim')),
    ...recordLines(view.timeline, width),
    ...(diagnosis ? findingsLines(diagnosis, width) : []),
  ];
}

/** What `case check` found. */
export function checkLines({ whole, filesChecked, damage }: CaseCheck, width: number): Line[] {
  const lost = damage.filter(({ severity }) => severity === 'damage').length;
  return [
    whole
      ? line(span('✓ whole', 'good-strong'), `: ${plural(filesChecked, 'file')} as they were written`)
      : line(span('✗ damaged', 'bad-strong'), `: ${plural(lost, 'thing')} not as written`),
    ...damageLines(damage, width),
  ];
}

/** What `case zip` wrote. */
export function zipLines(
  { file, maskedTexts, maskedHosts, included, leftOut }: HandedOver,
  width: number,
): Line[] {
  return [
    line(span('✓ ', 'good'), span(file, 'strong'), `  ${plural(maskedTexts, 'text')} masked`),
    ...(maskedHosts ? [] : [line(span('  · hosts and addresses are not masked (--mask-hosts)', 'dim'))]),
    ...(leftOut.length === 0
      ? []
      : [
          line(
            span(
              `  · ${plural(leftOut.length, 'file')} of evidence left out, listed with hashes (--raw takes them along)`,
              'dim',
            ),
          ),
        ]),
    ...(included.length === 0
      ? []
      : wrap(
          line(
            span(
              `  ! ${plural(included.length, 'file')} of evidence are in it unmasked, with all values of the service`,
              'warn',
            ),
          ),
          width,
          4,
        )),
    ...wrap(
      line(span('  · masked by shape: read findings and timeline before you send it', 'dim')),
      width,
      4,
    ),
  ];
}

const KIND_WIDTH = 10;
const INDENT = 2 + 19 + 2 + KIND_WIDTH;

function evidenceTable(
  evidence: readonly CaseEvidence[],
  leftOut: ReadonlySet<string>,
  width: number,
): Line[] {
  const rows = evidence.map(({ name, bytes, kind, format, takenAt, sha256 }) =>
    line(
      name,
      formatBytes(bytes),
      format ?? span(kind, 'dim'),
      span(timeText(takenAt), 'dim'),
      span(leftOut.has(sha256) ? 'left out' : sha256.slice(0, 12), 'dim'),
    ),
  );
  const columns = [
    { title: '', flexible: true, cut: middleCut },
    { title: '', align: 'right' },
    { title: '' },
    { title: '' },
    { title: '' },
  ] as const;
  return rows.length === 0 ? [] : table(columns, rows, width, 2);
}

function damageLines(damage: readonly CaseDamage[], width: number): Line[] {
  return damage.flatMap(({ severity, problem, path, text }) =>
    wrap(
      line(
        severity === 'damage' ? span(`  ✗ ${problem}  `, 'bad') : span(`  · ${problem}  `, 'dim'),
        span(path, 'strong'),
        `  ${text}`,
      ),
      width,
      4,
    ),
  );
}

function findingsLines(diagnosis: Diagnosis, width: number): Line[] {
  return [
    line(),
    ...verdictLines(diagnosis, width),
    ...diagnosis.findings.flatMap(({ rank, title, pattern, location, growth, signature }) => [
      ...wrap(line(span(`${rank}  `, 'strong'), title, span(`  ${pattern}`, 'dim')), width, 3),
      ...wrap(
        line(
          '   ',
          span(location ? `${location.file}:${location.line}  ` : '', 'accent'),
          signedBytes(growth.bytes),
          span(`  ${signature}`, 'dim'),
        ),
        width,
        3,
      ),
    ]),
  ];
}

function styleOf(kind: string): 'bad' | 'accent' | 'strong' | 'plain' {
  if (kind === 'alert') return 'bad';
  if (kind === 'deploy' || kind === 'action') return 'accent';
  return kind === 'findings' || kind === 'closed' ? 'strong' : 'plain';
}

function timeText(at: string): string {
  return at.replace('T', ' ').replace(/(?:\.\d+)?Z$/, '');
}
