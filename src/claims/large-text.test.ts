import { describe, expect, it } from 'vitest';
import { checkText } from './check-text.ts';

/** One incident of many in a text: every kind of list that checks compare sentences with. */
function incident(n: number): string {
  const mb = 400 + n;
  return `# Incident ${n} of shop-${n}

Memory limit: 2 GB. RSS grew by ${mb} MB per hour, and by ${mb + 7} MB per hour at night.

\`\`\`
10:00  ${mb} MB
11:00  ${mb + 60} MB
12:00  ${mb + 130} MB
\`\`\`

| figure | before | after |
|---|---|---|
| latency of shop${n} | ${n + 10} ms | ${n + 30} ms |

\`\`\`
const limits = { maxEntries${n}: ${1000 + n} };
  12.${n % 10}MB  3.1% 40.2%  15.1MB  4.${n % 10}%  shop/cart.Load${n}
\`\`\`

- Time to OOM: about ${3 + (n % 5)} hours at this rate.
- Memory was back at 75 % within ${10 + n} minutes after the restart.
- Load${n} has ${n % 9} % of the heap. The latency of shop${n} rose by ${n + 1} %.
- maxEntries${n} is ${1000 + n}, each entry of shop ${n} takes ${n} KB per entry.
`;
}

/** Regular expressions that were run and characters that were written: what the work of the checks consists of. */
function workFor(first: number, incidents: number): { matches: number; written: number } {
  const text = Array.from({ length: incidents }, (_, n) => incident(n + first)).join('\n');
  const { exec } = RegExp.prototype;
  let matches = 0;
  RegExp.prototype.exec = function counted(this: RegExp, on: string) {
    matches++;
    return exec.call(this, on);
  };
  try {
    return { written: JSON.stringify(checkText(text).claims).length, matches };
  } finally {
    RegExp.prototype.exec = exec;
  }
}

describe('a text of many incidents', () => {
  it('takes at most about twice the work when it is twice as long', () => {
    const [one, two] = [workFor(1, 40), workFor(101, 80)];
    expect(two.matches / one.matches).toBeLessThan(2.5);
    expect(two.written / one.written).toBeLessThan(2.5);
  });
});
