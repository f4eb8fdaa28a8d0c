import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Build, LiveLab, LiveService } from './live-lab.ts';
import { filledIn, type Step } from './steps.ts';

const STANCH = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Done {
  readonly step: Step;
  readonly exitCode: number | null;
  readonly output: string;
}

/**
 * Does what the page says, on a service of the lab that runs under load all the time: `stanch …` as the installed command; `deploy fixed` by
 * whatever the user deploys with, here by starting the other build; `work N`, by waiting for so many operations.
 */
export async function follow(
  lab: LiveLab,
  steps: readonly Step[],
  given: Readonly<Record<string, string>>,
  onDone: (done: Done) => void,
): Promise<void> {
  const service: { now: LiveService } = { now: await lab.start('leaking') };
  const names: Record<string, string> = { ...given, ...service.now.names };
  try {
    for (const step of steps) {
      const words = step.words.map((word) => filledIn(word, names));
      const [command, ...rest] = words;
      if (command === 'deploy') {
        await service.now.stop();
        service.now = await lab.start(rest[0] as Build);
        Object.assign(names, service.now.names);
      } else if (command === 'work') {
        await service.now.served(Number(rest[0]));
      } else {
        const { exitCode, output } = await stanch(rest, service.now.env);
        onDone({ step, exitCode, output });
        if (rest[0] === 'top') Object.assign(names, await worker(names));
        continue;
      }
      onDone({ step, exitCode: 0, output: '' });
    }
  } finally {
    await service.now.stop();
  }
}

function stanch(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ exitCode: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [STANCH, ...args], {
      env: { ...process.env, ...env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const add = (text: string): void => {
      output += text;
    };
    child.stdout.setEncoding('utf8').on('data', add);
    child.stderr.setEncoding('utf8').on('data', add);
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, output }));
  });
}

/** `$WORKER`: the heaviest worker below `$MASTER`. `stanch top` shows it first in its group. */
async function worker({ MASTER }: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  if (MASTER === undefined) return {};
  const { output } = await stanch(['top', '--json'], {});
  const { groups } = JSON.parse(output) as {
    groups: { rootPid: number; processes: { pid: number; role: string | null; master: boolean }[] }[];
  };
  const group = groups.find(({ rootPid }) => rootPid === Number(MASTER));
  const first = group?.processes.find(({ role, master }) => !master && role?.includes('worker'));
  return first === undefined ? {} : { WORKER: String(first.pid) };
}
