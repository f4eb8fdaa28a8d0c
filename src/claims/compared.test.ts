import { describe, expect, test } from 'vitest';
import { checkText } from './check-text.ts';
import type { ClaimVerdict } from './claim.ts';

function verdicts(text: string, sentence: string): ClaimVerdict[] {
  return checkText(`${text}\n- ${sentence}\n`)
    .claims.filter((claim) => claim.text.includes(sentence.replace(/\.$/, '')))
    .map(({ verdict }) => verdict);
}

const CLASSES = `Snapshot difference:

| Class | Count | Size |
|---|---:|---:|
| Order | 4,000 | 12 MB |
| Line Item | 90,000 | 30 MB |
| Promise | 200 | 6 MB |

- The three rows sum up to 48 MB.
`;
const NIGHT = `| hour | RSS | jobs |
|---|---|---|
| 20:00 | 300 MB | 1,000 |
| 22:00 | 340 MB | 21,000 |
| 00:00 | 460 MB | 41,000 |
| 02:00 | 780 MB | 61,000 |
`;
const STEADY = `| hour | RSS | jobs |
|---|---|---|
| 20:00 | 300 MB | 1,000 |
| 22:00 | 400 MB | 21,000 |
| 00:00 | 500 MB | 41,000 |
| 02:00 | 600 MB | 61,000 |
`;
const TWICE = `| time | RSS |
|---|---|
| 08:00 | 400 MB |
| 09:00 | 500 MB |
| 10:00 | 600 MB |
| 11:00 | 700 MB |
| 12:00 | 410 MB |
| 13:00 | 508 MB |
| 14:00 | 610 MB |
| 15:00 | 705 MB |
`;
const CURED = TWICE.replace('508', '425').replace('610', '428').replace('705', '429');
const CACHE = `\`\`\`python
SHAPES = LRUCache(maxsize=4_000)
\`\`\`

\`\`\`
2025-10-05 10:00:00 INFO shapes=4000 names=20000
2025-10-05 11:00:00 INFO shapes=4000 names=31000
2025-10-05 12:00:00 INFO shapes=4000 names=42000
\`\`\`
`;
const OVER = CACHE.replaceAll('shapes=4000', 'shapes=9500');
const DAY = `The host has 32 GB.

time    rss_gb
06:00   9.8
08:00   11.0
10:00   12.2
12:00   13.4
`;
const CLUSTERS = `\`\`\`
--Similar leaks in this run: 900--
--Retained size of leaked objects: 40.1MB--
--Similar leaks in this run: 300--
--Retained size of leaked objects: 9MB--
\`\`\`
`;

describe('what is compared', () => {
  test.each([
    [CLASSES, 'Line Item makes up 25 % of the total.'],
    [CLASSES, 'Promise accounts for 40 % of it.'],
    [CLASSES, 'Promise is larger than Order.'],
    [CLASSES, 'Line Item is more than four times bigger than Order.'.replace('four', '40')],
    [CLUSTERS, 'The second cluster is larger than the first.'],
    [NIGHT, 'So memory per job stays the same.'],
    [TWICE, 'The restart at 12:00 fixed the leak.'],
    [TWICE, 'The leak was solved by the restart.'],
    [CACHE, 'The shapes cache allows 8,000 entries.'],
    [CACHE, 'The LRU ignores its maxsize and grows.'],
    [OVER, 'The LRU cannot grow beyond its maxsize.'],
    [DAY, 'At this speed the 32 GB are full by midnight.'],
  ])('contradicts what the figures deny %#', (text, sentence) => {
    expect(verdicts(text, sentence)).toContain('contradicted');
  });

  test.each([
    [CLASSES, 'Line Item makes up 62 % of the total.'],
    [CLASSES, 'Order and Promise make up 37 % of it.'],
    [CLASSES, 'Line Item is more than twice as large as Order.'],
    [CLASSES, 'Line Item has more instances than Order.'],
    [CLUSTERS, 'The first cluster is more than four times bigger than the second.'],
    [STEADY, 'Memory per job stays the same.'],
    [CACHE, 'The shapes cache holds up to 4,000 entries.'],
  ])('lets stand what they give %#', (text, sentence) => {
    expect(verdicts(text, sentence)).toEqual(['holds']);
  });

  test.each([
    // The whole is something else, or nobody says what it is.
    [CLASSES.replace('- The three rows sum up to 48 MB.\n', ''), 'Line Item makes up 25 % of the total.'],
    [CLASSES, 'Line Item makes up 5 % of the heap.'],
    [CLASSES, 'Order may be larger than Line Item one day.'],
    // Fewer, yet larger: one column lets it stand.
    [CLASSES.replace('200', '99,000'), 'Promise has more instances than Line Item.'],
    [TWICE, 'The restart fixed it for a few hours.'],
    [`Memory limit 2 GB.\n\n${TWICE}`, 'The restart brought relief for three hours.'],
    [TWICE, 'The restart has not fixed the leak.'],
    [CURED, 'The restart at 12:00 fixed the leak.'],
    [CACHE, 'The names index ignores its limit.'],
    [CACHE, 'The restart budget allows 3 restarts.'],
    [NIGHT, 'Time per job stays the same.'],
    [DAY, 'At midnight it was full of requests.'],
  ])('is never against what may be so %#', (text, sentence) => {
    expect(verdicts(text, sentence)).not.toContain('contradicted');
  });
});
