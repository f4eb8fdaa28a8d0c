import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Scenario } from './scenario.ts';

const KEPT_ERROR_CHARACTERS = 2000;

/** A scenario that runs a command of the shell for each operation; `{i}` and `$STANCH_I` are its number. */
export function shellScenario(command: string): Scenario {
  return {
    name: 'command',
    async operation(index, { signal }) {
      const child = spawn('/bin/sh', ['-c', command.replaceAll('{i}', String(index))], {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, STANCH_I: String(index) },
        signal,
      });
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-KEPT_ERROR_CHARACTERS);
      });
      const [code, killedBy] = (await once(child, 'close')) as [number | null, string | null];
      if (code !== 0)
        throw new Error(
          `operation ${index}: '${command}' ended with ${killedBy ?? `code ${code}`}: ${said.trim()}`,
        );
    },
  };
}
