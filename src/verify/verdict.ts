import { amount, round } from '../confirm/words.ts';
import type { DumpVerification, FixVerdict, SeriesVerification, Verification } from './verification.ts';

/** Joins what the numbers and the dumps say: a leak that either of them sees is one, and `fixed` needs all that was given. */
export function joinVerdicts(
  series: SeriesVerification | null,
  dumps: DumpVerification | null,
): Verification {
  const parts = [series, dumps].filter((part) => part !== null);
  const verdicts = parts.map(({ verdict }) => verdict);
  const verdict: FixVerdict = verdicts.includes('still-leaking')
    ? 'still-leaking'
    : verdicts.length > 0 && verdicts.every((each) => each === 'fixed')
      ? 'fixed'
      : 'not-enough-data';
  return {
    schema: 'stanch/verify@1',
    verdict,
    summary: summaryOf(verdict, series, dumps),
    series,
    dumps,
    reasons: parts.flatMap(({ reasons }) => reasons),
    missing: verdict === 'not-enough-data' ? parts.flatMap(({ missing }) => missing) : [],
  };
}

function summaryOf(
  verdict: FixVerdict,
  series: SeriesVerification | null,
  dumps: DumpVerification | null,
): string {
  const causes = dumps?.causes ?? [];
  const count = (state: string): number => causes.filter((cause) => cause.state === state).length;
  const parts: string[] = [];
  if (verdict === 'fixed') {
    if (series?.smallestLeakPerHour != null)
      parts.push(`a leak of ${amount(series.smallestLeakPerHour, series.unit)} an hour would have been seen`);
    if (dumps) parts.push(`${count('gone')} of ${causes.length} causes are gone and nothing else grows`);
    return `Fixed: ${parts.join('; ')}`;
  }
  if (verdict === 'still-leaking') {
    const { remaining, after, unit } = series ?? {};
    if (series?.verdict === 'still-leaking' && after?.ratePerHour)
      parts.push(
        `${amount(after.ratePerHour.value, unit ?? null)} an hour${remaining ? `, ${round(remaining.value * 100)} % of the leak` : ''}`,
      );
    if (count('remains') > 0) parts.push(`${count('remains')} of ${causes.length} causes remain`);
    if (count('new') > 0) parts.push(`${count('new')} new`);
    return `Still leaking: ${parts.join('; ')}`;
  }
  const [first = 'nothing was given that could be compared'] = [series, dumps].flatMap(
    (part) => part?.missing ?? [],
  );
  return `Not enough data: ${first}`;
}
