import { formatBytes, formatCount, formatShare } from '../../base/units.ts';
import { LEAK_CONFIDENCE } from '../../diagnosis/confidence.ts';
import type { Finding, FindingLocation, PathStepView } from '../../model/finding.ts';
import { byteSeries, countSeries, plural, signedBytes, signedCount } from './numbers.ts';
import { type Line, line, type Span, span } from './text.ts';
import { field, wrap } from './wrap.ts';

const NAME_WIDTH = 14;
const INDENT = 3;

const ROLES: Readonly<Record<FindingLocation['role'], string>> = {
  adds: 'added at',
  holds: 'held at',
  allocates: 'made at',
  'should-remove': 'remove at',
  removes: 'removed at',
};

/** One cause, from its name to its remedy. */
export function findingLines(finding: Finding, grownBytes: number, width: number): Line[] {
  const columns = { indent: INDENT, nameWidth: NAME_WIDTH, width };
  const say = (name: string, ...value: (Span | string)[]): Line[] => field(name, line(...value), columns);
  const list = (name: string, texts: readonly string[], style: Span['style'] = 'plain'): Line[] =>
    texts.flatMap((text, at) => say(at === 0 ? name : '', span(text, style)));
  const certain = finding.confidence >= LEAK_CONFIDENCE;
  const places = finding.location ? [finding.location, ...finding.alsoSee] : finding.alsoSee;
  return [
    ...wrap(
      line(
        span(String(finding.rank).padEnd(INDENT), certain ? 'bad-strong' : 'warn-strong'),
        span(finding.title, 'strong'),
        span(`  ${finding.pattern}${certain ? '' : ', a suspect'}`, 'dim'),
      ),
      width,
      INDENT,
    ),
    ...say('owner', finding.owner),
    ...places.flatMap(({ role, file, line: at }) => say(ROLES[role], span(`${file}:${at}`, 'accent'))),
    ...growthLines(finding, grownBytes, say),
    ...list(
      'members',
      finding.members.map(({ objects, shape, sample }) => `${formatCount(objects)} × ${shape}  ${sample}`),
    ),
    ...say(
      'confidence',
      span(formatShare(finding.confidence), 'strong'),
      span(`: ${finding.reasons.join('; ')}`, 'dim'),
    ),
    ...list('against', finding.against, 'warn'),
    ...list('also held by', finding.alsoHeldBy),
    ...finding.path.flatMap((step, at) => pathStep(step, at, width)),
    ...say('remedy', finding.remedy.summary),
    ...exampleLines(finding.remedy.example, columns),
    ...say('', span(finding.remedy.docs, 'dim')),
  ];
}

type Say = (name: string, ...value: (Span | string)[]) => Line[];

function growthLines({ growth, retainedBytes }: Finding, grownBytes: number, say: Say): Line[] {
  const rates = [
    growth.perOperation === null ? null : `${shortNumber(growth.perOperation)} per operation`,
    growth.perHour === null ? null : `${shortNumber(growth.perHour)} per hour`,
    growth.holders > 1 ? `in ${plural(growth.holders, 'holder')}` : null,
  ].filter((text) => text !== null);
  const share = grownBytes > 0 ? `${formatShare(growth.bytes / grownBytes)} of the growth` : '';
  const kept = retainedBytes === null ? '' : `; it keeps ${formatBytes(retainedBytes)} in all`;
  // A text that grows has no entries to count.
  const counted = growth.series.some((count) => count > 0);
  return [
    ...(counted
      ? say(
          'objects',
          countSeries(growth.series),
          span(`  ${[signedCount(growth.objects), ...rates].join(', ')}`, 'dim'),
        )
      : []),
    ...say(
      'bytes',
      span(signedBytes(growth.bytes), 'strong'),
      span(share ? `, ${share}${kept}` : kept, 'dim'),
    ),
    ...(growth.bytesSeries.length > 2 ? say('', span(byteSeries(growth.bytesSeries), 'dim')) : []),
  ];
}

const LEAKING: Readonly<Record<PathStepView['leaking'], Span>> = {
  yes: span('✗ ', 'bad'),
  no: span('✓ ', 'good'),
  unknown: span('? ', 'warn'),
};

/** One step: the sign says whether the object has outlived its use. */
function pathStep(step: PathStepView, at: number, width: number): Line[] {
  const start = INDENT + NAME_WIDTH;
  const text = line(
    LEAKING[step.leaking],
    span(step.via === '' ? '' : `${step.via} `, 'strong'),
    span(step.node),
    span(step.handle ? `  ${step.handle}` : '', 'accent'),
    span(step.why ? `  ${step.why}` : '', 'dim'),
  );
  return wrap(text, width - start, 4).map((spans, nth) => [
    span(' '.repeat(INDENT)),
    span((at === 0 && nth === 0 ? 'path' : '').padEnd(NAME_WIDTH), 'dim'),
    ...spans,
  ]);
}

/** Code stays as it is written; only what is wider than the page is broken. */
function exampleLines(
  example: string,
  { indent, nameWidth, width }: { indent: number; nameWidth: number; width: number },
): Line[] {
  if (example === '') return [];
  const start = indent + nameWidth;
  return example
    .replaceAll('\t', '  ')
    .split('\n')
    .flatMap((text) => wrap(line(span(text, 'accent')), width - start - 2, 4))
    .map((spans) => [span(' '.repeat(start + 2)), ...spans]);
}

function shortNumber(value: number): string {
  return Math.abs(value) >= 100 ? formatCount(value) : String(Number(value.toPrecision(3)));
}
