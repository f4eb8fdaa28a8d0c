import type { PathStep, RetainingPath, WaysOfHolding } from '../../analysis/heap-views.ts';
import { formatBytes, formatCount } from '../../base/units.ts';
import { placeText, plural } from './numbers.ts';
import { partialLines } from './objects.ts';
import { cutBeforePlace, table } from './table.ts';
import { type Line, line, span } from './text.ts';
import { wrap } from './wrap.ts';

interface PathHead {
  readonly schema: 'stanch/path@1';
  readonly file: string;
  readonly partial: string | null;
}

/** What `stanch path --json` writes; with `--all` the ways, each with a sample. */
export type PathDocument = PathHead & (RetainingPath | (WaysOfHolding & { readonly of: string }));

export function pathLines(document: PathDocument, width: number): Line[] {
  const head = [
    ...wrap(line(span(document.file, 'dim')), width, 2),
    ...partialLines(document.partial, width),
  ];
  if ('steps' in document) return [...head, ...stepLines(document.steps, width)];
  const { of, objects, ways, wayCount } = document;
  const left = wayCount - ways.length;
  const title = line(
    span(of, 'strong'),
    `: ${plural(objects, 'object')}, held in ${wayCount === 1 ? 'one way' : `${formatCount(wayCount)} different ways`}`,
  );
  return [
    ...head,
    ...wrap(title, width, 2),
    ...ways.flatMap(({ objects: held, sample }, at) => [
      line(),
      line(span(`${at + 1}`, 'strong'), `  ${plural(held, 'object')}`, span('  one of them:', 'dim')),
      ...stepLines(sample.steps, width),
    ]),
    ...(left > 0 ? [line(), line(span(`… and ${formatCount(left)} ways more (--limit)`, 'dim'))] : []),
  ];
}

function stepLines(steps: readonly PathStep[], width: number): Line[] {
  if (steps.length === 0) return [line('  Nothing holds it: the next garbage collection would take it.')];
  const runtime = runtimeSteps(steps);
  const leftOut = (text: string): Line => line(span('⋮', 'dim'), '', '', span(text, 'dim'));
  const rows = steps.flatMap((step, at) => {
    if (at > 0 && at <= runtime) {
      return at === 1 ? [leftOut(`${formatCount(runtime)} steps inside the runtime (--json has them)`)] : [];
    }
    const skipped = step.skipped > 0 ? [leftOut(`${formatCount(step.skipped)} steps left out`)] : [];
    return [...skipped, stepRow(step)];
  });
  return table(
    [
      { title: '' },
      { title: '' },
      { title: '', align: 'right' },
      { title: '', flexible: true, cut: cutBeforePlace },
    ],
    rows,
    width,
    2,
  );
}

/** Fewer steps than this are shown. */
const MIN_FOLDED = 3;

/** How many steps behind the root lead through nothing but the runtime before the program's own code is reached. */
function runtimeSteps(steps: readonly PathStep[]): number {
  const own = steps.findIndex(({ location }) => location !== null && !location.file.startsWith('node:'));
  const count = own - 1;
  return count >= MIN_FOLDED && steps.every(({ skipped }, at) => at > own || skipped === 0) ? count : 0;
}

const MAX_VIA = 40;

function stepRow(step: PathStep): Line {
  const via = step.via === '' ? '(root)' : step.via;
  const internal = /^[#~!?]/.test(via) || step.via === '';
  const name = step.via === '' ? '' : step.name;
  const place = placeText(step.location);
  return line(
    span(via.length > MAX_VIA ? `${via.slice(0, MAX_VIA - 1)}…` : via, internal ? 'dim' : 'strong'),
    span(step.handle, 'accent'),
    span(formatBytes(step.retainedBytes), 'dim'),
    span(place ? `${name}  ${place}` : name, internal ? 'dim' : 'plain'),
  );
}
