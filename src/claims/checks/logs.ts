import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { digits, durationText } from '../figures.ts';

/** What log excerpts show against what notes beside them say. */
export function checkLogs({ logs, document }: Facts): Claim[] {
  const claims: Claim[] = [];
  for (const { reading, lines } of logs) {
    const lineOf = (at: number): number => lines[at - 1] ?? 0;
    for (const late of reading.lateActivity.slice(0, 20)) {
      claims.push({
        text: late.firstLateText,
        line: lineOf(late.firstLateLine),
        alsoLines: [lineOf(late.endLine)],
        verdict: 'holds',
        because: `${late.kind} ${late.id} shows activity after its end. It cannot act itself any more, so a timer or a shared bus does it in its name: look for who holds it, not for the ${late.kind}.`,
        arithmetic: `ended "${late.endText}"; ${late.lateCount} more lines, the first ${durationText((late.firstLateMs - late.endedMs) / 60_000)} later`,
        check: 'active-after-end',
      });
    }
    for (const { actual, expected, relation, noun, text, line } of reading.expectations.slice(0, 20)) {
      const over = relation === 'limit' ? actual > expected : actual !== expected;
      claims.push({
        text,
        line: lineOf(line),
        verdict: 'holds',
        because: over
          ? `${digits(actual)} ${noun} against ${digits(expected)} ${relation === 'limit' ? 'allowed' : 'expected'}: by its own log the program is ${digits(actual / Math.max(1, expected))} times over.`
          : 'Actual and expected agree.',
        check: 'expected-actual',
      });
    }
  }
  claims.push(...anonymousActivity(document.lines));
  return claims;
}

const STAMP = /^\s*\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;
const ID = /\b([A-Za-z]+(?:[_-]?id)?)[=:]\s?([A-Za-z0-9_-]*\d[A-Za-z0-9_-]*)\b/;

/** "It goes on after the end": lines without the id may be of another. */
function anonymousActivity(lines: readonly Facts['document']['lines'][number][]): Claim[] {
  const claims: Claim[] = [];
  for (const [at, note] of lines.entries()) {
    if (note.kind !== 'comment' || !/\b(?:continu\w*|still|keeps?|even after|goes on)\b/i.test(note.text))
      continue;
    const before = lines.slice(0, at).filter(({ text, block }) => block === note.block && STAMP.test(text));
    const end = before.at(-1);
    const id = end && ID.exec(end.text.replace(STAMP, ''));
    const after = lines.slice(at + 1).find(({ text, block }) => block === note.block && STAMP.test(text));
    if (
      !id ||
      !after ||
      new RegExp(`\\b${id[1]}[=:]`).test(after.text) ||
      !/\b(?:complet|clos|finish|end|disconnect|done|stopp|remov)/i.test(end.text)
    )
      continue;
    const all = lines.filter(({ text, block }) => block === note.block && STAMP.test(text));
    const [first, second] = [
      gaps(all.filter(({ number }) => number <= end.number)),
      gaps(all.filter(({ number }) => number > end.number)),
    ];
    const rhythm = first && second && (second / first > 2 || first / second > 2);
    claims.push({
      text: note.text.replace(/^\s*(?:#|\/\/)\s*/, ''),
      line: note.number,
      alsoLines: [end.number, after.number],
      verdict: 'cannot-tell',
      because: `The later lines carry no ${id[1]}: another one may write them.${rhythm ? ` Their rhythm differs, too (${durationText(first / 60)} before, ${durationText(second / 60)} after).` : ''}`,
      check: 'active-after-end',
    });
  }
  return claims;
}

/** Median seconds between lines, null with fewer than two. */
function gaps(lines: readonly { text: string }[]): number | null {
  const seconds = lines.map(
    ({ text }) => Date.parse(`${/\d{4}-\d\d-\d\d[T ][\d:.]+/.exec(text)![0].replace(' ', 'T')}Z`) / 1000,
  );
  const found = seconds
    .slice(1)
    .map((value, at) => value - seconds[at]!)
    .sort((a, b) => a - b);
  return found[Math.floor(found.length / 2)] ?? null;
}
