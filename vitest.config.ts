import { defineConfig, type ViteUserConfig } from 'vitest/config';

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
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
export default config;
