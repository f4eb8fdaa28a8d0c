import { readResult } from './test-result.mjs';

// The counts of the last `npm test` on one plain line, for programs that read logs.
const result = readResult();
if (result === null) process.exitCode = 1;
process.stdout.write(
  result === null
    ? 'The tests did not come to an end.\n'
    : `${result.passed} passed, ${result.failed} failed\n`,
);
