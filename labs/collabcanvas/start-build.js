import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/**
 * Starts a build of the service as a process of its own and waits until it listens.
 *
 * @param {'leaking' | 'fixed'} build
 * @param {object} [options]
 * @param {string[]} [options.nodeArgs] such as `--inspect=127.0.0.1:0` or `--heapsnapshot-signal=SIGUSR2`
 * @param {string} [options.cwd] where Node.js writes heap snapshots
 */
export async function startBuild(build, { nodeArgs = [], cwd } = {}) {
  const entry = fileURLToPath(new URL(`server.${build}.js`, import.meta.url));
  const child = spawn(process.execPath, [...nodeArgs, entry], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');

  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const lines = createInterface({ input: child.stdout });
  const [firstLine] = await Promise.race([
    once(lines, 'line'),
    exited.then(([code]) => {
      throw new Error(`The ${build} build ended with code ${code}: ${stderr}`);
    }),
  ]);
  const { listening, pid } = JSON.parse(firstLine);

  return {
    url: `http://127.0.0.1:${listening.port}`,
    pid,
    /** @returns {string} what the process has written to standard error so far */
    standardError: () => stderr,
    async stop() {
      child.kill();
      await exited;
    },
  };
}
