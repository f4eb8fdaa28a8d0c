import { defineConfig, type UserConfig } from 'tsdown';

const config: UserConfig = defineConfig({
  entry: { index: 'src/index.ts', 'cli/main': 'src/cli/main.ts', 'read-aside': 'src/sources/read-aside.ts' },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  dts: true,
  clean: true,
  outExtensions: () => ({ js: '.js', dts: '.d.ts' }),
});
export default config;
