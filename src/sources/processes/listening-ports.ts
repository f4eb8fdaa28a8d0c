import { readdirSync } from 'node:fs';
import { procLink, procText } from './proc-text.ts';

/** A TCP port that is listened on. */
export interface Listener {
  readonly port: number;
  readonly inode: number;
  /** Only 127.0.0.0/8 or ::1. */
  readonly loopback: boolean;
}

const LISTEN = '0A';

/** Every listener in the network namespace of a process, whoever it belongs to. */
export function listenersAround(pid: number, proc: string = '/proc'): Listener[] {
  return ['tcp', 'tcp6'].flatMap((file) => parseListeners(procText(`${proc}/${pid}/net/${file}`) ?? ''));
}

/** The listeners of one process; null when its descriptors may not be read. */
export function listenersOf(pid: number, proc: string = '/proc'): Listener[] | null {
  const inodes = socketInodes(pid, proc);
  return inodes && listenersAround(pid, proc).filter(({ inode }) => inodes.has(inode));
}

/** Which process of this machine holds a socket; null when it cannot be told. */
export function ownerOfSocket(inode: number, proc: string = '/proc'): number | null {
  for (const name of readdirSync(proc)) {
    if (/^\d+$/.test(name) && socketInodes(Number(name), proc)?.has(inode)) return Number(name);
  }
  return null;
}

/** All processes of this machine that hold one of these sockets, as workers share that of their master; lowest pid first. */
export function holdersOfSockets(inodes: ReadonlySet<number>, proc: string = '/proc'): number[] {
  if (inodes.size === 0) return [];
  return readdirSync(proc)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => [...(socketInodes(pid, proc) ?? [])].some((inode) => inodes.has(inode)))
    .sort((a, b) => a - b);
}

/** True when a process sees the same network as this one: only then is its 127.0.0.1 ours. */
export function sharesNetwork(pid: number, proc: string = '/proc'): boolean {
  const [ours, theirs] = [procLink(`${proc}/self/ns/net`), procLink(`${proc}/${pid}/ns/net`)];
  return theirs === null || ours === theirs;
}

/** Inodes of the sockets that a process has open; null when they may not be seen. */
export function socketInodes(pid: number, proc: string = '/proc'): Set<number> | null {
  let names: string[];
  try {
    names = readdirSync(`${proc}/${pid}/fd`);
  } catch {
    return null;
  }
  const inodes = new Set<number>();
  for (const name of names) {
    const inode = /^socket:\[(\d+)\]$/.exec(procLink(`${proc}/${pid}/fd/${name}`) ?? '')?.[1];
    if (inode !== undefined) inodes.add(Number(inode));
  }
  return inodes;
}

/** Text of `/proc/net/tcp` and `tcp6` (Documentation/networking/proc_net_tcp.rst): addresses are hexadecimal words in host order. */
export function parseListeners(text: string): Listener[] {
  const listeners: Listener[] = [];
  for (const row of text.split('\n')) {
    const cells = row.trim().split(/\s+/);
    if (cells[3] !== LISTEN) continue;
    const [address, port] = cells[1]!.split(':') as [string, string];
    const loopback =
      address.length === 8
        ? address.endsWith('7F')
        : address === '00000000000000000000000001000000' || /FFFF0000......7F$/.test(address);
    listeners.push({ port: Number.parseInt(port, 16), inode: Number(cells[9]), loopback });
  }
  return listeners;
}
