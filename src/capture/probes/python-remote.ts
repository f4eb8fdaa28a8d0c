import { Buffer } from 'node:buffer';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { procText } from '../../sources/processes/proc-text.ts';
import { CaptureError } from '../capture-error.ts';
import { sectionAddress } from './gdb-symbols.ts';
import { idInside, threadThatGoesOn } from './thread-that-goes-on.ts';

/**
 * Where the tables of a Python version have what is needed here (`_Py_DebugOffsets`, which begins the section `.PyRuntime`), in bytes: the
 * tables tell themselves where everything else is. Each further version adds to them, so that one that is not known is left alone.
 */
const TABLES: ReadonlyMap<number, { threadStateNativeId: number; debugger: number; bytes: number }> = new Map(
  [
    [0x030e, { threadStateNativeId: 224, debugger: 712, bytes: 760 }],
    [0x030f, { threadStateNativeId: 248, debugger: 840, bytes: 888 }],
  ],
);
/** The same in both. */
const AT = {
  version: 8,
  interpretersHead: 40,
  interpreter: { id: 56, next: 64, threadsHead: 72, threadsMain: 80 },
  threadState: { size: 176, next: 192 },
} as const;
const COOKIE = 'xdebugpy';
/** "Stop here and look what is wished" in the lowest byte of a thread's `eval_breaker`; the upper ones belong to the interpreter. */
const PLEASE_STOP = 1 << 5;
const MOST_LISTED = 100_000;
const TICKS_PER_SECOND = 100;
/** A thread that lives for so long is none that serves one request, and does not end while this is written into its state. */
const LONG_LIVED_SECONDS = 10;

/** Python's own door for debuggers (PEP 768, 3.14 and later), as found in a process. */
export interface RemoteDoor {
  /**
   * Has the main thread, and one that will go on sooner, run a file between two of their instructions: each once. What has not run yet is
   * taken back with `takeBack`.
   */
  ask(file: string): { takeBack(): void };
}

/** Reads only. @returns the door, or why there is none */
export function remoteDoor(pid: number): RemoteDoor | { readonly closed: string } {
  try {
    return withMemory(pid, 'r', (memory) => {
      const runtime = runtimeOf(pid, memory);
      if (typeof runtime === 'string') return { closed: runtime };
      return { ask: (file) => ask(pid, runtime, file) };
    });
  } catch {
    return { closed: 'its memory cannot be read' };
  }
}

interface Runtime {
  readonly interpreter: bigint;
  readonly table: Buffer;
  readonly nativeIdAt: number;
  readonly support: {
    readonly evalBreaker: number;
    readonly pending: number;
    readonly path: number;
    readonly pathBytes: number;
  };
}

function runtimeOf(pid: number, memory: Memory): Runtime | string {
  const start = sectionAddress(pid, '.PyRuntime');
  if (start === null) return 'its tables for debuggers cannot be found';
  const head = memory.read(start, 16);
  const version = Number(head.readBigUInt64LE(AT.version) >> 16n);
  const known = TABLES.get(version);
  if (head.toString('latin1', 0, 8) !== COOKIE || !known)
    return `its tables for debuggers are not known (${version >> 8}.${version & 255})`;
  const table = memory.read(start, known.bytes);
  const value = (at: number): number => Number(table.readBigUInt64LE(at));
  const [evalBreaker, support, enabled, pending, path, pathBytes] = [0, 8, 16, 24, 32, 40].map((at) =>
    value(known.debugger + at),
  ) as [number, number, number, number, number, number];
  const size = value(AT.threadState.size);
  if (![evalBreaker, support + pending, support + path + pathBytes].every((at) => at > 0 && at <= size))
    return 'its tables for debuggers contradict themselves';
  // The newest interpreter comes first; the one of the program has the number 0.
  let interpreter = memory.pointer(start + BigInt(value(AT.interpretersHead)));
  for (let nth = 0; interpreter !== 0n && nth < MOST_LISTED; nth++) {
    if (memory.pointer(interpreter + BigInt(value(AT.interpreter.id))) === 0n) break;
    interpreter = memory.pointer(interpreter + BigInt(value(AT.interpreter.next)));
  }
  if (interpreter === 0n) return 'its interpreter does not run';
  if (memory.read(interpreter + BigInt(enabled), 4).readInt32LE() !== 1)
    return 'remote debugging is switched off in it';
  return {
    interpreter,
    table,
    nativeIdAt: value(known.threadStateNativeId),
    support: { evalBreaker, pending: support + pending, path: support + path, pathBytes },
  };
}

function ask(pid: number, runtime: Runtime, file: string): { takeBack(): void } {
  const path = Buffer.from(`${file}\0`);
  const { support } = runtime;
  if (path.length > support.pathBytes) throw new RangeError('the path is too long for the process');
  const asked: bigint[] = [];
  const takeBack = (): void => withdraw(pid, runtime, path, asked);
  try {
    withMemory(pid, 'r+', (memory) => {
      for (const state of askable(pid, memory, runtime)) {
        memory.write(state + BigInt(support.path), path);
        asked.push(state);
        memory.write(state + BigInt(support.pending), Buffer.of(1, 0, 0, 0));
        const breaker = state + BigInt(support.evalBreaker);
        memory.write(breaker, Buffer.of(memory.read(breaker, 1)[0]! | PLEASE_STOP));
      }
    });
    if (asked.length === 0) throw new RangeError('no thread');
  } catch (cause) {
    takeBack();
    throw new CaptureError(`process ${pid}`, 'connect', 'its interpreter could not be asked', {
      hint: 'run stanch as the user of the service or as root, or load the agent',
      cause,
    });
  }
  return { takeBack };
}

/** From the threads that have not looked yet. */
function withdraw(pid: number, runtime: Runtime, path: Buffer, asked: readonly bigint[]): void {
  const { support } = runtime;
  try {
    withMemory(pid, 'r+', (memory) => {
      const alive = new Set(threadStates(memory, runtime));
      for (const state of asked.filter((each) => alive.has(each))) {
        const pending = state + BigInt(support.pending);
        const stillOurs = memory.read(state + BigInt(support.path), path.length).equals(path);
        if (stillOurs && memory.read(pending, 4).readInt32LE() === 1) memory.write(pending, Buffer.alloc(4));
      }
    });
  } catch {
    // It has ended.
  }
}

/** The main thread's state, which stays for ever, and that of the thread that goes on sooner, when it is no short-lived one. */
function askable(pid: number, memory: Memory, runtime: Runtime): bigint[] {
  const { interpreter, table, nativeIdAt } = runtime;
  const main = memory.pointer(interpreter + table.readBigUInt64LE(AT.interpreter.threadsMain));
  if (main === 0n) return [];
  const sooner = threadThatGoesOn(pid);
  if (sooner === pid || !isLongLived(pid, sooner)) return [main];
  const inside = BigInt(idInside(pid, sooner));
  const other = threadStates(memory, runtime).find(
    (state) => state !== main && memory.pointer(state + BigInt(nativeIdAt)) === inside,
  );
  return other === undefined ? [main] : [main, other];
}

function threadStates(memory: Memory, { interpreter, table }: Runtime): bigint[] {
  const next = table.readBigUInt64LE(AT.threadState.next);
  const states: bigint[] = [];
  let state = memory.pointer(interpreter + table.readBigUInt64LE(AT.interpreter.threadsHead));
  while (state !== 0n && states.length < MOST_LISTED) {
    states.push(state);
    state = memory.pointer(state + next);
  }
  return states;
}

function isLongLived(pid: number, thread: number): boolean {
  const stat = procText(`/proc/${pid}/task/${thread}/stat`) ?? '';
  const started = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  const up = Number((procText('/proc/uptime') ?? '').split(' ')[0]);
  return up - started / TICKS_PER_SECOND >= LONG_LIVED_SECONDS;
}

interface Memory {
  read(address: bigint, bytes: number): Buffer;
  pointer(address: bigint): bigint;
  write(address: bigint, bytes: Buffer): void;
}

/** Through the kernel, without stopping the process: it asks for the right to debug it, and touches nothing that is not mapped. */
function withMemory<Result>(pid: number, flags: 'r' | 'r+', use: (memory: Memory) => Result): Result {
  const fd = openSync(`/proc/${pid}/mem`, flags);
  const read = (address: bigint, bytes: number): Buffer => {
    const buffer = Buffer.alloc(bytes);
    if (readSync(fd, buffer, 0, bytes, address) !== bytes) throw new RangeError('cut off');
    return buffer;
  };
  try {
    return use({
      read,
      pointer: (address) => read(address, 8).readBigUInt64LE(),
      write(address, bytes) {
        if (writeSync(fd, bytes, 0, bytes.length, Number(address)) !== bytes.length)
          throw new RangeError('cut off');
      },
    });
  } finally {
    closeSync(fd);
  }
}
