import { describe, expect, test } from 'vitest';
import { checkText } from './check-text.ts';
import type { ClaimVerdict } from './claim.ts';

function verdicts(text: string, sentence: string): ClaimVerdict[] {
  return checkText(`# Report\n\n${text}\n- ${sentence}\n`)
    .claims.filter((claim) => claim.text.includes(sentence.replace(/\.$/, '')))
    .map(({ verdict }) => verdict);
}

const SETTINGS = `\`\`\`yaml
pool:
  maxConnections: 40
  idleTimeout: 30
\`\`\`
`;
const TWO_POOLS = SETTINGS + SETTINGS.replace('40', '20');
const DIFF = `time    rss_mb
06:00   1000
08:00   1400
10:00   1800

\`\`\`
/srv/app/cart.py:20: size=610 MiB (+600 MiB), count=770233 (+760120), average=830 B
/srv/app/views.py:8: size=160 MiB (+150 MiB), count=10233 (+10120), average=15 KiB
\`\`\`
`;

describe('settings', () => {
  test('are what the code says', () => {
    expect(verdicts(SETTINGS, 'The maximum of connections is 20.')).toContain('contradicted');
    expect(verdicts(SETTINGS, 'maxConnections is 40.')).toContain('holds');
  });

  test('are left alone where the text has two of them, or means a time', () => {
    expect(verdicts(TWO_POOLS, 'maxConnections is 30.')).toEqual([]);
    expect(verdicts(SETTINGS, 'The maximum wait for connections is 20 s.')).not.toContain('contradicted');
  });
});

describe('allocation comparisons', () => {
  test.each([
    ['The tracemalloc lines together grew by 786 MB.', 'holds'],
    ['The tracemalloc lines together grew by 300 MB.', 'contradicted'],
    ['The snapshots explain nearly everything.', 'holds'],
    ['cart.py:20 makes 79 % of the growth.', 'holds'],
    ['cart.py:20 makes 20 % of the growth.', 'contradicted'],
  ])('%s %s', (sentence, verdict) => {
    expect(verdicts(DIFF, sentence)).toContain(verdict);
  });
});

describe('exit codes', () => {
  test.each([
    'The container ended with exit code 137, a segmentation fault.',
    'Exit code 139 shows that it was OOM-killed.',
  ])('%s is contradicted', (sentence) => {
    expect(verdicts('', sentence)).toContain('contradicted');
  });

  test.each([
    'Exit code 137 is not a segmentation fault.',
    'It exited with code 137 since SIGTERM was ignored and SIGKILL came 30 s later.',
    'Exit code 137 means that the OOM killer ended it.',
    'Exit code 139 is a segmentation fault, not the OOM killer.',
    'Exit status 139 has nothing to do with OOM.',
  ])('%s is left alone', (sentence) => {
    expect(verdicts('', sentence)).not.toContain('contradicted');
  });
});
