import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { digits, percentText } from '../figures.ts';

const HEADER = /^\s*goroutine (\d+) \[[^\]]+\]:?\s*$/;
const NONE_ENDS =
  /\bgoroutines?\b[^.?!]*\b(?:never|none|do(?:es)? not|don't|doesn't)\b[^.?!]*\b(?:end|exit|finish|return|terminate|stop)/i;
/** The runtime hands ids to its processors in batches of 16, so the highest may be ahead of what was started: by this much with 64 of them. */
const MOST_AHEAD = 16 * 64;

/** Ids in an excerpt of goroutines against how many are alive: ids are given once, so the difference has ended. */
export function checkGoroutineIds({ document, counts, statements }: Facts): Claim[] {
  const headers = document.lines.flatMap(({ raw, number }) => {
    const id = HEADER.exec(raw)?.[1];
    return id ? [{ id: Number(id), number, raw }] : [];
  });
  const alive = counts
    .filter(({ name, context }) => /goroutine/i.test(`${name} ${context}`))
    .flatMap(({ points }) => points)
    .reduce<{ value: number; line: number } | null>(
      (most, { value, line }) =>
        most === null || value.value > most.value ? { value: value.value, line } : most,
      null,
    );
  const top = headers.reduce((most, each) => (most && most.id >= each.id ? most : each), headers[0]);
  if (!top || !alive || top.id < 2 * alive.value + MOST_AHEAD) return [];
  const ended = top.id - alive.value;
  const said = statements
    .flatMap(({ sentences }) => sentences)
    .filter(({ text }) => NONE_ENDS.test(text) && !text.trim().endsWith('?'));
  const finding = {
    arithmetic: `${digits(top.id)} − ${digits(alive.value)} = ${digits(ended)} = ${percentText(ended / top.id)}`,
    check: 'goroutine-ids',
  };
  const because = `Its id says that about ${digits(top.id)} goroutines were started, and at most ${digits(alive.value)} were alive (line ${alive.line}): ${percentText(ended / top.id)} did end.`;
  if (said.length === 0)
    return [
      {
        ...finding,
        text: top.raw.trim(),
        line: top.number,
        alsoLines: [alive.line],
        verdict: 'cannot-tell',
        because: `${because} Which ones stay is not in an excerpt: count all of them by the line that started them.`,
      },
    ];
  return said.map(({ text, line }) => ({
    ...finding,
    text,
    line,
    alsoLines: [top.number, alive.line],
    verdict: 'contradicted' as const,
    because: because.replace('Its id', `The id in line ${top.number}`),
  }));
}
