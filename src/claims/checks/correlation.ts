import { correlate } from '../../analysis/correlate/correlate.ts';
import { wordsOf } from '../../analysis/correlate/name-pairs.ts';
import type { Series } from '../../model/series.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { digits, durationText, sizeText } from '../figures.ts';

const COEFFICIENT =
  /\b(?:r|ρ|rho|R²|R\^2|pearson|correlation(?: coefficient)?)\s*[=:]\s*(-?0?\.\d+|-?[01](?:\.\d+)?)/i;
const CORRELATES = /\b(?:not\s+)?correlat\w*/i;
const DIFFERENCED =
  /\b(?:detrend\w*|(?:first[- ])?differenc\w*|deltas?|per[- ]interval changes?|changes? per|increments)\b/i;

/** Coefficients of levels: any two things that trend correlate. */
export function checkCorrelations({ statements, evidence }: Facts): Claim[] {
  const claims: Claim[] = [];
  for (const { sentences, kind, block } of statements) {
    if (kind === 'heading') continue;
    for (const { text, line } of sentences) {
      const match = COEFFICIENT.exec(text);
      if (!match) continue;
      const measured = againstEvidence(text, evidence.series);
      if (measured) {
        claims.push({ text, line, ...measured, check: 'correlation' });
        continue;
      }
      const value = Math.abs(Number(match[1]));
      if (value > 1) {
        claims.push({
          text,
          line,
          verdict: 'contradicted',
          because: 'A correlation is never above 1.',
          check: 'correlation',
        });
        continue;
      }
      const around = `${text} ${block.caption} ${block.lines.map((each) => each.text).join(' ')}`;
      claims.push(
        DIFFERENCED.test(around)
          ? {
              text,
              line,
              verdict: 'cannot-tell',
              because:
                'It is said to be of differences, which is the right way, but the series are not in the text.',
              check: 'correlation',
            }
          : {
              text,
              line,
              verdict: 'cannot-tell',
              because:
                'A coefficient of levels shows nothing: two independent series that both trend have a median r of 0.999. Compare differences (`stanch check` with the series as evidence does).',
              check: 'correlation',
            },
      );
    }
  }
  const denied = statements.find(
    ({ text, kind }) =>
      kind !== 'heading' && /\bnot\b/i.test(text) && CORRELATES.test(text) && claims.length > 0,
  );
  if (denied)
    claims.push({
      text: denied.text,
      line: denied.line,
      verdict: 'cannot-tell',
      because:
        'Levels tell as little where they do not correlate; activities that are requests themselves should not differ from the request rate without a reason.',
      check: 'correlation',
    });
  return claims;
}

const MEMORY = /memory|rss|heap|working_?set/i;

/** The same pair in the evidence, on differences. Null when the evidence does not have it. */
function againstEvidence(
  text: string,
  series: readonly Series[],
): Pick<Claim, 'verdict' | 'because' | 'arithmetic'> | null {
  const memory = series
    .filter(({ name, unit }) => unit === 'bytes' && MEMORY.test(name))
    .sort((a, b) => b.times.length - a.times.length)[0];
  const said = new Set(wordsOf(text).map((word) => word.slice(0, 5)));
  const activity = series.find(
    (each) =>
      each !== memory &&
      !MEMORY.test(each.name) &&
      wordsOf(each.name).some((word) => word.length > 3 && word !== 'total' && said.has(word.slice(0, 5))),
  );
  if (!memory || !activity) return null;
  const found = correlate(memory, [activity])[0]!;
  const arithmetic = `${memory.name} and ${activity.name}, differences: r = ${digits(found.r)}, lag ${durationText(found.lagSeconds / 60)}, ${found.n} pairs (${digits(Math.round(found.effectiveN))} independent), adjusted p = ${digits(found.p)}${found.perOperation ? `\n${sizeText(found.perOperation.value)} for each (${sizeText(found.perOperation.low)} to ${sizeText(found.perOperation.high)})` : ''}`;
  if (found.verdict === 'related')
    return {
      verdict: 'holds',
      because: `In the evidence memory moves with ${activity.name} step by step, too.`,
      arithmetic,
    };
  if (found.verdict === 'unrelated')
    return {
      verdict: 'contradicted',
      because: `In the evidence memory does not move with ${activity.name} step by step: only their levels trend alike.`,
      arithmetic,
    };
  return {
    verdict: 'cannot-tell',
    because: `The evidence has too few independent steps of ${activity.name}.`,
    arithmetic,
  };
}
