import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { heldStill } from '../../sources/processes/held-still.ts';
import { procText } from '../../sources/processes/proc-text.ts';
import { CaptureError } from '../capture-error.ts';
import { gdbParts, MAPPED_BYTES, STUB, TEXT_OFFSET } from './gdb-script.ts';
import { functionAddresses } from './gdb-symbols.ts';
import { programInPath } from './program-in-path.ts';
import { idInside, threadsOf } from './thread-that-goes-on.ts';

/** From the start of gdb to its end; a third of a second is usual. */
const MOST_SECONDS = 15;
/** A debugger that was interrupted puts the registers back and detaches; only then it is killed. */
const GRACE_SECONDS = 5;
const GONE_WITHIN_MS = 3000;
const POLL_EVERY_MS = 20;
const SYSCALL_WITHIN_BYTES = 256;

/**
 * A function of the runtime that only notes a wish, safe at any instruction (it was made for signal handlers). What is wished for is done
 * later, when the interpreter itself finds that it may.
 */
export interface SafeCall {
  /** The main thread where absent. */
  readonly thread?: number;
  /** Says in the thread whether it may be called there; not 0 is yes. */
  readonly guard?: string;
  readonly function: string;
  /** Numbers, names of functions whose address is meant, and null for the address of the text. */
  readonly arguments: readonly (number | string | null)[];
  readonly succeeded: (value: number) => boolean;
}

/** Why gdb cannot be used on a process, and what would allow it. */
export interface GdbObstacle {
  readonly reason: string;
  readonly hint: string;
}

/** Whether the kernel lets us debug a process, and nobody else does; null when so. Touches nothing. */
export function ptraceObstacle(pid: number): GdbObstacle | null {
  const status = procText(`/proc/${pid}/status`) ?? '';
  const tracer = tracerIn(status);
  if (tracer !== 0) return { reason: `process ${tracer} is debugging it already`, hint: 'end that first' };
  if (isStopped(status))
    return { reason: 'somebody has stopped it (state T)', hint: `kill -CONT ${pid} first` };
  try {
    // Opening this asks the kernel, Yama and the security modules for exactly the right that a debugger needs.
    closeSync(openSync(`/proc/${pid}/mem`, 'r'));
  } catch {
    return {
      reason: 'it may not be debugged from here',
      hint: 'run stanch as root on the machine itself; in a container: docker run --cap-add SYS_PTRACE, or securityContext.capabilities.add: [SYS_PTRACE]',
    };
  }
  return null;
}

/** Looks, and touches nothing. Null when gdb can be used. */
export function gdbObstacle(pid: number, call: SafeCall): GdbObstacle | null {
  if (process.arch !== 'x64') {
    return { reason: `gdb is used on x86-64 only, and this is ${process.arch}`, hint: 'load the agent' };
  }
  if (!programInPath('gdb')) {
    return {
      reason: 'gdb is not installed here',
      hint: 'install gdb on this machine; a container needs none',
    };
  }
  const ptrace = ptraceObstacle(pid);
  if (ptrace !== null) return ptrace;
  const missing = wordsOf(call).find((name) => !functionAddresses(pid, [name]).has(name));
  return missing === undefined
    ? null
    : {
        reason: `no function ${missing} can be found in it: its runtime is stripped or of another kind`,
        hint: 'load the agent',
      };
}

/**
 * Lets a process note a wish through gdb: attaches, gets two pages from the kernel, puts the text there, calls the one function in one
 * thread while all others stay stopped, puts all registers back, detaches. The pages stay.
 *
 * The same is done to a process of our own first: a debugger that cannot do it here leaves the service alone. gdb works apart from this
 * process, so that it ends its work when this one is killed, and a process that was left stopped is let go.
 *
 * @param text less than a page
 * @throws CaptureError
 */
export async function callByGdb(pid: number, call: SafeCall, text: string): Promise<void> {
  await rehearse();
  // What has been frozen or stopped since it was looked at would keep the debugger, and its stop, waiting.
  const still = heldStill(pid);
  if (still !== null) throw new CaptureError(`process ${pid}`, 'connect', `it is ${still} now`);
  await perform(pid, call, text);
}

let rehearsed: Promise<void> | null = null;

/** Once a process. */
function rehearse(): Promise<void> {
  rehearsed ??= (async () => {
    const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      await once(child.stdout, 'data');
      const pid = child.pid!;
      await perform(pid, { function: 'getpid', arguments: [], succeeded: (value) => value === pid }, '');
      await sleep(POLL_EVERY_MS);
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new CaptureError(`process ${pid}`, 'connect', 'the rehearsal of gdb killed its process');
      }
    } finally {
      child.kill('SIGKILL');
    }
  })();
  return rehearsed;
}

async function perform(pid: number, call: SafeCall, text: string): Promise<void> {
  const target = `process ${pid}`;
  const payload = Buffer.alloc(MAPPED_BYTES);
  payload.set(STUB);
  if (payload.write(`${text}\0`, TEXT_OFFSET, 'utf8') <= Buffer.byteLength(text)) {
    throw new RangeError('the text does not fit into a page');
  }
  const addresses = functionAddresses(pid, [...wordsOf(call), 'mmap']);
  const syscallInstruction = syscallNear(pid, addresses.get('mmap'));
  if (syscallInstruction === null || wordsOf(call).some((name) => !addresses.has(name))) {
    throw new CaptureError(target, 'connect', 'its functions are not where they should be');
  }
  const said = await withParts(pid, call, payload, { addresses, syscallInstruction });
  const left = await letGo(pid);
  if (left !== null) throw new CaptureError(target, 'connect', left);
  const value = /^stanch-called (-?\d+)$/m.exec(said)?.[1];
  if (value === undefined || !call.succeeded(Number(value))) {
    throw new CaptureError(target, 'connect', `gdb could not do it: ${reasonIn(said)}`, {
      hint: 'load the agent instead',
    });
  }
}

async function withParts(
  pid: number,
  call: SafeCall,
  payload: Buffer,
  where: { addresses: ReadonlyMap<string, bigint>; syscallInstruction: bigint },
): Promise<string> {
  const { addresses, syscallInstruction } = where;
  const folder = await mkdtemp(join(tmpdir(), 'stanch-gdb-'));
  try {
    const payloadFile = join(folder, 'payload');
    await writeFile(payloadFile, payload, { mode: 0o600 });
    const chosenFile = join(folder, 'chosen');
    await writeFile(chosenFile, '', { mode: 0o600 });
    const { thread = pid } = call;
    const parts = gdbParts({
      thread: {
        id: idInside(pid, thread),
        idHere: thread,
        number: threadsOf(pid).indexOf(thread) + 1,
      },
      guard: call.guard === undefined ? null : addresses.get(call.guard)!,
      function: addresses.get(call.function)!,
      arguments: call.arguments.map((argument) =>
        typeof argument === 'string' ? addresses.get(argument)! : argument === null ? null : BigInt(argument),
      ),
      syscallInstruction,
      payloadFile,
      chosenFile,
    });
    const files: string[] = [];
    for (const [name, content] of Object.entries(parts)) {
      files.push(join(folder, name));
      await writeFile(files.at(-1)!, content, { mode: 0o600 });
    }
    return await runGdb(pid, files, join(folder, 'output'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runGdb(pid: number, parts: readonly string[], output: string): Promise<string> {
  const settings = [
    // Nothing is looked up while the process stands still: no symbols, no scripts, no network, no library of its threads.
    ...['auto-load off', 'debuginfod enabled off', 'auto-solib-add off', 'confirm off', 'pagination off'],
    ...['sysroot /nonexistent', 'libthread-db-search-path /nonexistent'],
  ];
  const gdb = [
    ...['gdb', '-nx', '-nh', '-q', '-batch'],
    ...settings.flatMap((setting) => ['-iex', `set ${setting}`]),
    // Each is carried out even when the one before failed.
    ...[`attach ${pid}`, ...parts.map((file) => `source ${file}`), 'detach'].flatMap((part) => ['-ex', part]),
  ];
  // Interrupts gdb also when this process is gone.
  const watched = programInPath('timeout')
    ? ['timeout', '-s', 'INT', '-k', String(GRACE_SECONDS), String(MOST_SECONDS), ...gdb]
    : gdb;
  // Into a file: a pipe would break with this process, and gdb with it, in the middle of the call.
  const fd = openSync(output, 'wx', 0o600);
  const child = spawn(watched[0]!, watched.slice(1), { stdio: ['ignore', fd, fd], detached: true });
  closeSync(fd);
  const timers = (['SIGINT', 'SIGKILL'] as const).map((signal, nth) =>
    setTimeout(() => child.kill(signal), (MOST_SECONDS + (nth + 1) * GRACE_SECONDS) * 1000),
  );
  try {
    await once(child, 'close');
  } catch (cause) {
    throw new CaptureError(`process ${pid}`, 'connect', 'gdb cannot be started', { cause });
  } finally {
    timers.forEach(clearTimeout);
  }
  return readFileSync(output, 'utf8');
}

/** Sees to it that no debugger holds the process any more and that it runs. @returns what could not be put right */
async function letGo(pid: number): Promise<string | null> {
  const deadline = performance.now() + GONE_WITHIN_MS;
  for (;;) {
    const status = procText(`/proc/${pid}/status`);
    if (status === null) return null;
    const tracer = tracerIn(status);
    if (tracer === 0 && !isStopped(status) && !hasStopPending(pid)) return null;
    // It takes back the stop of an attaching debugger, too, which a frozen process would meet when it is let go.
    if (tracer === 0) letRun(pid);
    if (performance.now() > deadline) {
      return tracer === 0
        ? `it is stopped and does not go on: kill -CONT ${pid}`
        : `the debugger ${tracer} still holds it: kill ${tracer}`;
    }
    await sleep(POLL_EVERY_MS);
  }
}

function letRun(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // It has ended.
  }
}

/** A SIGSTOP that one of its threads has not got yet, as those of a frozen container. */
function hasStopPending(pid: number): boolean {
  return threadsOf(pid).some((thread) => {
    const status = procText(`/proc/${pid}/task/${thread}/status`) ?? '';
    return [...status.matchAll(/^(?:SigPnd|ShdPnd):\s+([0-9a-f]+)/gm)].some(
      ([, bits]) => (BigInt(`0x${bits}`) >> BigInt(constants.signals.SIGSTOP - 1)) & 1n,
    );
  });
}

/** The C library's own: it is there in every process, and executing it touches no lock. */
function syscallNear(pid: number, mmap: bigint | undefined): bigint | null {
  if (mmap === undefined) return null;
  const fd = openSync(`/proc/${pid}/mem`, 'r');
  try {
    const code = Buffer.alloc(SYSCALL_WITHIN_BYTES);
    readSync(fd, code, 0, code.length, mmap);
    const at = code.indexOf(Buffer.of(0x0f, 0x05));
    return at < 0 ? null : mmap + BigInt(at);
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}

function wordsOf(call: SafeCall): string[] {
  return [
    call.function,
    ...(call.guard === undefined ? [] : [call.guard]),
    ...call.arguments.filter((argument) => typeof argument === 'string'),
  ];
}

function tracerIn(status: string): number {
  return Number(/^TracerPid:\s+(\d+)/m.exec(status)?.[1] ?? 0);
}

function isStopped(status: string): boolean {
  return /^State:\s+T/m.test(status);
}

function reasonIn(said: string): string {
  const lines = said.split('\n').filter((line) => /ptrace|error|cannot|could ?n.t|not permitted/i.test(line));
  return lines.at(-1)?.trim() ?? 'it ended without an answer';
}
