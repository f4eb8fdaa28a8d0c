import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Long tests: those that mostly wait for a service, and those that mostly compute. */
const WAITING = /test\/walkthrough\//;
const COMPUTING =
  /demo\.test|capture-faults|agents\/ruby|scenarios\.test|mitigate-puma|commands\/run\.test|verify-labs|python-gc\/agent/;

/** Long files begin first, one of each kind side by side, so that no core stands idle at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const waiting = sorted.filter(({ moduleId }) => WAITING.test(moduleId));
    const computing = sorted.filter(({ moduleId }) => COMPUTING.test(moduleId));
    const first = new Set(computing.flatMap((file, at) => [...waiting.slice(at, at + 1), file]));
    for (const file of [...waiting, ...sorted]) first.add(file);
    return [...first];
  }
}

const config: ViteUserConfig = defineConfig({
  test: {
    include: [
      'src/**/*.test.ts',
      'test/**/*.test.ts',
      'scripts/**/*.test.mjs',
      'labs/**/*.test.js',
      'agents/**/*.test.ts',
      'bench/**/*.test.mjs',
    ],
    pool: 'forks',
    // Two at a time: several tests measure memory or start servers of their own.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
export default config;
