import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stampDir } from './root.mjs';

export const RESULT_FILE = join(stampDir, 'test-result.json');

/** What the last run of the tests came to, or null when it did not come to an end. */
export const readResult = () =>
  existsSync(RESULT_FILE) ? JSON.parse(readFileSync(RESULT_FILE, 'utf8')) : null;

/**
 * A vitest reporter that leaves the counts in a file and prints nothing, so that vitest's own summary stays the last
 * thing on the screen. A test file that could not even be loaded, and an error outside every test, count as failed.
 */
export default class ResultReporter {
  onTestRunEnd(testModules, unhandledErrors) {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const testModule of testModules) {
      for (const test of testModule.children.allTests()) {
        const { state } = test.result();
        count[state === 'pending' ? 'failed' : state] += 1;
      }
      count.failed += testModule.errors().length;
    }
    writeFileSync(RESULT_FILE, JSON.stringify(count));
  }
}
