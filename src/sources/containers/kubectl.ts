import { spawn } from 'node:child_process';
import { EXIT, StanchError } from '../../base/errors.ts';
import { type ProgramResult, runProgram } from './run-program.ts';

/** A pod, and which of its containers. */
export interface PodPlace {
  readonly namespace: string;
  readonly pod: string;
  /** The first one when absent. */
  readonly container: string | null;
}

const TIMEOUT_MS = 20_000;
const FORWARDS_WITHIN_MS = 15_000;

/**
 * Runs a program for as long as our standard output to it is open: `kubectl port-forward` would go on for ever when we are killed. The
 * exit code 127 is that of a program that is not there, as shells have it.
 */
const WHILE_WE_LIVE = `const{spawn}=require('child_process');const[program,...args]=process.argv.slice(1);
const child=spawn(program,args,{stdio:['ignore','inherit','inherit']});
const end=()=>{child.kill();setTimeout(()=>child.kill('SIGKILL'),2000)};
process.stdin.on('end',end).on('error',end).resume();process.on('SIGTERM',end);process.on('SIGINT',end);
child.on('error',(e)=>{console.error(e.message);process.exit(e.code==='ENOENT'?127:1)});child.on('close',(code)=>process.exit(code??1))`;
const NOT_THERE = 127;

/** Runs the user's own `kubectl` and gives what it prints. @throws StanchError with what it said */
export async function kubectl(
  args: readonly string[],
  options: { signal?: AbortSignal | undefined; timeoutMs?: number } = {},
): Promise<string> {
  const result = await runProgram('kubectl', args, { timeoutMs: TIMEOUT_MS, ...options });
  options.signal?.throwIfAborted();
  if (result.code === 0 && result.failure === null) return result.stdout;
  throw kubectlError(args, result);
}

/** Runs a program that the container already has; its exit code is not judged here. */
export function podRun(
  place: PodPlace,
  argv: readonly string[],
  options: { signal?: AbortSignal | undefined; timeoutMs?: number } = {},
): Promise<ProgramResult> {
  return runProgram('kubectl', ['exec', ...placeOf(place), '--', ...argv], {
    timeoutMs: TIMEOUT_MS,
    ...options,
  });
}

/** A port of a pod at a port of this machine, until it is closed. @throws StanchError with what kubectl said */
export function podForward(
  { namespace, pod }: PodPlace,
  port: number,
  signal?: AbortSignal,
): Promise<{ port: number; close(): Promise<void> }> {
  const args = ['port-forward', '--namespace', namespace, `pod/${pod}`, '--address', '127.0.0.1', `:${port}`];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['-e', WHILE_WE_LIVE, 'kubectl', ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.on('error', () => undefined);
    let said = '';
    let stderr = '';
    const ended = new Promise<void>((done) => child.once('close', () => done()));
    const fail = (failure: string | null): void => {
      clearTimeout(impatient);
      child.stdin.end();
      reject(kubectlError(args, { code: child.exitCode, stdout: said, stderr, failure }));
    };
    const impatient = setTimeout(
      () => fail(`no answer in ${FORWARDS_WITHIN_MS / 1000} s`),
      FORWARDS_WITHIN_MS,
    );
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      // It prints a line for each connection for as long as it runs.
      if (said.length < 4096) said += chunk;
      const local = /^Forwarding from 127\.0\.0\.1:(\d+) -> /m.exec(said)?.[1];
      if (local === undefined) return;
      clearTimeout(impatient);
      resolve({
        port: Number(local),
        close: async () => {
          child.stdin.end();
          await ended;
        },
      });
    });
    child.on('error', (error) => fail(error.message));
    child.on('close', (code) => fail(code === NOT_THERE ? 'kubectl is not installed here' : null));
    signal?.addEventListener('abort', () => fail('stopped'), { once: true });
  });
}

function placeOf({ namespace, pod, container }: PodPlace): string[] {
  return ['--namespace', namespace, pod, ...(container === null ? [] : ['--container', container])];
}

function kubectlError(args: readonly string[], { stderr, failure, code }: ProgramResult): StanchError {
  const said = stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  const denied = /forbidden|cannot (?:create|get|list) resource/i.exec(stderr);
  return new StanchError(`kubectl ${args[0]}: ${failure ?? (said || `ended with ${code}`)}`, {
    code: 'kubectl',
    exitCode: EXIT.unreachable,
    hint: denied
      ? 'your role needs: get and list pods, create pods/exec and pods/portforward'
      : 'try it by hand: the same kubectl and context are used',
  });
}
