import { Buffer } from 'node:buffer';
import { closeSync, type Dir, opendirSync, openSync, readSync } from 'node:fs';
import { listenersOf } from '../../sources/processes/listening-ports.ts';
import { procLink, procText } from '../../sources/processes/proc-text.ts';

/** Numbers of system calls of x86-64 (arch/x86/entry/syscalls/syscall_64.tbl). */
const CALL = {
  poll: 7,
  select: 23,
  nanosleep: 35,
  accept: 43,
  futex: 202,
  clockNanosleep: 230,
  epollWait: 232,
  pselect: 270,
  ppoll: 271,
  epollPwait: 281,
  accept4: 288,
};
const MOST_DESCRIPTORS = 1024;
const BYTES_PER_POLLED = 8;

/**
 * A thread that will go on soon, told by the system call in which it stands: one that waits for connections, since a connection wakes it; else one that
 * runs, or sleeps for a time only. The main thread need not be one: that of Puma or Sidekiq sleeps until the server ends.
 *
 * @returns its id as the kernel has it; the main thread's when nothing better is seen, or nothing may be looked at
 */
export function threadThatGoesOn(pid: number): number {
  let threads: { id: number; state: string; call: SystemCall | null }[];
  let memory: number;
  try {
    threads = threadsOf(pid).map((id) => {
      const stat = procText(`/proc/${pid}/task/${id}/stat`) ?? '';
      const call = systemCallIn(procText(`/proc/${pid}/task/${id}/syscall`) ?? '');
      return { id, state: stat[stat.lastIndexOf(')') + 2] ?? '', call };
    });
    memory = openSync(`/proc/${pid}/mem`, 'r');
  } catch {
    return pid;
  }
  try {
    const listening = new Set((listenersOf(pid) ?? []).map(({ inode }) => inode));
    const isListening = (fd: number): boolean => {
      const inode = /^socket:\[(\d+)\]$/.exec(procLink(`/proc/${pid}/fd/${fd}`) ?? '')?.[1];
      return inode !== undefined && listening.has(Number(inode));
    };
    const accepts = ({ call }: { call: SystemCall | null }): boolean =>
      listening.size > 0 &&
      call !== null &&
      waitedFor(pid, call, (address, bytes) => read(memory, address, bytes)).some(isListening);
    const found =
      threads.find(accepts) ??
      threads.find(({ state }) => state === 'R') ??
      threads.find(({ call }) => call !== null && endsByItself(call));
    return found?.id ?? pid;
  } finally {
    closeSync(memory);
  }
}

/** Ids of the threads of a process in the order of the kernel, which is that of debuggers: the main one first; none when it has ended. (`readdir` would sort them as words.) */
export function threadsOf(pid: number): number[] {
  const threads: number[] = [];
  let folder: Dir | null = null;
  try {
    folder = opendirSync(`/proc/${pid}/task`);
    for (let entry = folder.readSync(); entry !== null; entry = folder.readSync())
      threads.push(Number(entry.name));
  } catch {
    return [];
  } finally {
    folder?.closeSync();
  }
  return threads;
}

/** The id of a thread as itself sees it: another one within a container. */
export function idInside(pid: number, thread: number): number {
  const status = procText(`/proc/${pid}/task/${thread}/status`) ?? '';
  return Number(/^NSpid:.*\s(\d+)$/m.exec(status)?.[1] ?? thread);
}

interface SystemCall {
  readonly number: number;
  readonly args: readonly bigint[];
}

/** `proc_pid_syscall(5)`: the number of the call and its six arguments; a thread that runs has none. */
function systemCallIn(text: string): SystemCall | null {
  const [name, ...rest] = text.trim().split(' ');
  if (name === undefined || !/^\d+$/.test(name) || rest.length < 6) return null;
  return { number: Number(name), args: rest.slice(0, 6).map((word) => BigInt(word)) };
}

/** Whether it has a time limit. */
function endsByItself({ number, args }: SystemCall): boolean {
  const [, , third = 0n, fourth = 0n, fifth = 0n] = args;
  switch (number) {
    case CALL.nanosleep:
    case CALL.clockNanosleep:
      return true;
    case CALL.poll:
      return BigInt.asIntN(32, third) >= 0n;
    case CALL.ppoll:
      return third !== 0n;
    case CALL.futex:
      return fourth !== 0n;
    case CALL.epollWait:
    case CALL.epollPwait:
      return BigInt.asIntN(32, fourth) >= 0n;
    case CALL.select:
    case CALL.pselect:
      return fifth !== 0n;
    default:
      return false;
  }
}

/** Descriptors that a thread waits for. */
function waitedFor(
  pid: number,
  { number, args }: SystemCall,
  memory: (address: bigint, bytes: number) => Buffer,
): number[] {
  const [first = 0n, second = 0n] = args;
  const count = Math.min(Number(BigInt.asUintN(32, second)), MOST_DESCRIPTORS);
  switch (number) {
    case CALL.accept:
    case CALL.accept4:
      return [Number(first)];
    case CALL.poll:
    case CALL.ppoll: {
      const polled = memory(first, count * BYTES_PER_POLLED);
      return Array.from({ length: Math.floor(polled.length / BYTES_PER_POLLED) }, (_, at) =>
        polled.readInt32LE(at * BYTES_PER_POLLED),
      );
    }
    case CALL.select:
    case CALL.pselect: {
      const most = Math.min(Number(first), MOST_DESCRIPTORS);
      const set = memory(second, Math.ceil(most / 8));
      return Array.from({ length: most }, (_, fd) => fd).filter(
        (fd) => (((set[fd >> 3] ?? 0) >> (fd & 7)) & 1) === 1,
      );
    }
    case CALL.epollWait:
    case CALL.epollPwait: {
      const watched = procText(`/proc/${pid}/fdinfo/${first}`) ?? '';
      return [...watched.matchAll(/^tfd:\s+(\d+)/gm)].map(([, fd]) => Number(fd));
    }
    default:
      return [];
  }
}

function read(memory: number, address: bigint, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  if (address === 0n || bytes === 0) return Buffer.alloc(0);
  try {
    return buffer.subarray(0, readSync(memory, buffer, 0, bytes, address));
  } catch {
    return Buffer.alloc(0);
  }
}
