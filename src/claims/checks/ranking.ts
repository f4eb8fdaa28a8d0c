import { pipeCells } from '../../formats/incident-text/pipe-cells.ts';
import { quantitiesOf } from '../../formats/incident-text/quantities.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { digits, sizeText } from '../figures.ts';
import { stemsOf } from '../readings/words.ts';
import { memoryKindOf } from '../subject.ts';

/** Something that grew, as a tool's comparison of two moments shows it. */
interface Grown {
  readonly name: string;
  readonly words: readonly string[];
  readonly delta: number;
  readonly line: number;
}

interface Ranking {
  readonly rows: readonly Grown[];
  readonly dimension: 'bytes' | 'count';
}

const MOST =
  /^(?<who>.{2,60}?)\s+(?:(?:are|is) (?:what|the (?:thing|one)s? (?:that|which)) (?:leaks?|grows?|grew)|(?:leaks?|gr[eo]ws?|grew|increased?) (?:the )?most|(?:are|is) the (?:main |biggest |only |actual )?(?:leak(?:ing (?:\w+))?|culprit|one that (?:leaks|grows)))\b/i;
/** Below this share of the one that grew most, something is not what leaks most. */
const SMALL = 0.2;

/** "Promises are what leaks", "redis is the leaking container": who grew most by what the tools show. */
export function checkRanking(facts: Facts): Claim[] {
  const rankings = [...objgraph(facts), ...deltas(facts), ...entities(facts)];
  return facts.sayings.flatMap(({ text, line }): Claim[] => {
    const who = MOST.exec(text)?.groups?.['who'];
    if (who === undefined || /\b(?:not|n't|nor|neither)\b/i.test(text)) return [];
    const said = new Set(stemsOf(who));
    const judged = rankings.flatMap(({ rows, dimension }) => {
      const mine = rows.filter(({ words }) => words.length > 0 && words.every((word) => said.has(word)));
      if (mine.length !== 1 || rows.length < 2) return [];
      const top = rows.reduce((a, b) => (b.delta > a.delta ? b : a));
      return [{ own: mine[0]!, top, dimension, share: top.delta > 0 ? mine[0]!.delta / top.delta : 1 }];
    });
    if (judged.length === 0) return [];
    const best = judged.reduce((a, b) => (b.share > a.share ? b : a));
    const holds = best.share >= 1;
    if (!holds && best.share > SMALL) return [];
    const show = best.dimension === 'bytes' ? sizeText : digits;
    return [
      {
        text,
        line,
        alsoLines: [best.own.line, best.top.line],
        verdict: holds ? 'holds' : 'contradicted',
        because: holds
          ? `"${best.own.name}" grew most, by ${show(best.own.delta)}.`
          : `"${best.own.name}" grew by ${show(best.own.delta)}, "${best.top.name}" by ${show(best.top.delta)}.`,
        check: 'ranking',
      },
    ];
  });
}

const OBJGRAPH = /^\s*(?<name>[A-Za-z_][\w.]*)\s+(?<now>\d+)\s+\+(?<delta>\d+)\s*$/;
const TRACEMALLOC = /^\s*(?<name>\S+:\d+): size=[\d.]+ [KMG]?i?B \((?<delta>[+-][\d.]+ [KMG]?i?B)\)/;

/** `objgraph.show_growth()` and `tracemalloc` comparisons. */
function objgraph({ document }: Facts): Ranking[] {
  const counts: Grown[] = [];
  const sizes: Grown[] = [];
  for (const { raw, number } of document.lines) {
    const count = OBJGRAPH.exec(raw)?.groups;
    if (count)
      counts.push({
        name: count['name']!,
        words: stemsOf(count['name']!),
        delta: Number(count['delta']),
        line: number,
      });
    const size = TRACEMALLOC.exec(raw)?.groups;
    const bytes = size ? quantitiesOf(size['delta']!.replace(/^[+-]/, ''))[0]?.value : undefined;
    if (size && bytes !== undefined)
      sizes.push({
        name: size['name']!,
        words: stemsOf(size['name']!.split('/').at(-1)!.replace(/:\d+$/, '')),
        delta: size['delta']!.startsWith('-') ? -bytes : bytes,
        line: number,
      });
  }
  return [
    { rows: counts, dimension: 'count' },
    { rows: sizes, dimension: 'bytes' },
  ];
}

/** Tables with a column of differences: "# Delta", "Size Delta", "Δ". */
function deltas({ document }: Facts): Ranking[] {
  const found: Ranking[] = [];
  for (const { kind, lines } of document.blocks) {
    if (kind !== 'table') continue;
    const cells = lines.map(({ raw, number }) => ({ number, cells: pipeCells(raw) }));
    const [header, ...rest] = cells;
    for (const [at, title] of (header?.cells ?? []).entries()) {
      if (at === 0 || !/\bdelta\b|Δ|\bgrowth\b|\bdiff(?:erence)?\b/i.test(title)) continue;
      const rows = rest.flatMap(({ cells: row, number }) => {
        const quantity = quantitiesOf((row[at] ?? '').replace(/^[+]/, ''))[0];
        return quantity
          ? [
              {
                name: row[0]!,
                words: stemsOf(row[0]!),
                delta: /^[-−]/.test(row[at]!) ? -quantity.value : quantity.value,
                line: number,
              },
            ]
          : [];
      });
      found.push({ rows, dimension: /size|byte|mem/i.test(title) ? 'bytes' : 'count' });
    }
  }
  return found;
}

/** Pods, containers and workers side by side. */
function entities({ tracks }: Facts): Ranking[] {
  const byName = new Map<string, Grown[]>();
  for (const { name, entity, words, dimension, points } of tracks) {
    if (entity === '' || dimension !== 'bytes' || memoryKindOf(words) !== 'resident' || points.length < 2)
      continue;
    const [first, last] = [points[0]!, points.at(-1)!];
    byName.set(name, [
      ...(byName.get(name) ?? []),
      { name: entity, words: stemsOf(entity), delta: last.value.value - first.value.value, line: last.line },
    ]);
  }
  return [...byName.values()].map((rows) => ({ rows, dimension: 'bytes' }));
}
