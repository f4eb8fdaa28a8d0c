import { parseListeners } from '../../sources/processes/listening-ports.ts';
import type { MemoryRoom } from '../../sources/processes/memory-limit.ts';
import { type Recognised, recognise } from '../../sources/processes/recognise.ts';
import { SIGNAL_NUMBER, type SignalAction, signalAction } from '../../sources/processes/signals.ts';
import { CaptureError } from '../capture-error.ts';
import type { Door } from './door.ts';

/** A process as its container sees it. */
export interface ScoutedProcess extends Recognised {
  readonly pid: number;
  readonly ppid: number;
  readonly rssBytes: number;
  readonly command: readonly string[];
  readonly nodeOptions: string;
  readonly usr1: SignalAction;
  readonly startTicks: number;
  /** Ports that it listens on; null where they may not be seen. */
  readonly ports: readonly number[] | null;
  /** Those of them that only its own 127.0.0.1 leads to. */
  readonly loopbackPorts: readonly number[];
  /** Null where its start cannot be placed in time. */
  readonly ageSeconds: number | null;
}

/** What a look into a container found. */
export interface Scouted {
  readonly processes: readonly ScoutedProcess[];
  readonly room: MemoryRoom;
  /** Every port that is listened on there. */
  readonly ports: readonly number[];
}

interface Answer {
  readonly processes: readonly {
    readonly pid: number;
    readonly status: string;
    readonly stat: string;
    readonly cmdline: string;
    readonly exe: string | null;
    readonly nodeOptions: string;
    readonly sockets: readonly string[] | null;
  }[];
  readonly tcp: string;
  readonly cgroup: Readonly<Record<string, string>>;
  readonly meminfo: string;
  readonly uptime: string;
}

/** USER_HZ of Linux on all that Node.js runs on. */
const TICKS_A_SECOND = 100;

/** Reads /proc as Stanch does outside; runs on any Node.js since 12. It gives itself away by its own pid, which is left out. */
const SCOUT_PROGRAM = `const f=require('fs');const t=p=>{try{return f.readFileSync(p,'utf8')}catch(e){return ''}};const l=p=>{try{return f.readlinkSync(p)}catch(e){return null}};
const a=[];for(const n of f.readdirSync('/proc')){if(!/^\\d+$/.test(n)||+n===process.pid)continue;const d='/proc/'+n;const status=t(d+'/status');if(!/^VmRSS:/m.test(status))continue;
let s=null;try{s=f.readdirSync(d+'/fd').map(x=>/^socket:\\[(\\d+)\\]$/.exec(l(d+'/fd/'+x)||'')).filter(Boolean).map(m=>m[1])}catch(e){}
a.push({pid:+n,status,stat:t(d+'/stat'),cmdline:t(d+'/cmdline').slice(0,4000),exe:l(d+'/exe'),nodeOptions:(/(?:^|\\0)NODE_OPTIONS=([^\\0]*)/.exec(t(d+'/environ'))||[])[1]||'',sockets:s})}
const c={};for(const n of ['memory.max','memory.current','memory.stat'])c[n]=t('/sys/fs/cgroup/'+n);for(const n of ['memory.limit_in_bytes','memory.usage_in_bytes','memory.stat'])if(!c[n])c[n]=t('/sys/fs/cgroup/memory/'+n);
process.stdout.write(JSON.stringify({processes:a,tcp:t('/proc/net/tcp')+t('/proc/net/tcp6'),cgroup:c,meminfo:t('/proc/meminfo').slice(0,200),uptime:t('/proc/uptime')}))`;

/** Looks around in a container with the Node.js that it has. @throws CaptureError where it has none */
export async function scout(door: Door): Promise<Scouted> {
  const { code, stdout, stderr, failure } = await door.run(['node', '-e', SCOUT_PROGRAM]);
  if (code !== 0) {
    const why = failure ?? (stderr.trim().split('\n').at(-1) || `it ended with ${code}`);
    throw new CaptureError(door.name, 'find', `no look into it through ${door.way}: ${why.slice(0, 300)}`, {
      hint: 'that needs a `node` on its PATH; for a Go service give its pprof address through a port-forward',
    });
  }
  const answer = JSON.parse(stdout) as Answer;
  const listening = parseListeners(answer.tcp);
  const uptimeSeconds = Number.parseFloat(answer.uptime);
  return {
    processes: answer.processes.map(({ pid, status, stat, cmdline, exe, nodeOptions, sockets }) => {
      const command = cmdline.split('\0').filter((part, at, all) => part !== '' || at < all.length - 1);
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const startTicks = Number(fields[19]);
      const own = listening.filter(({ inode }) => sockets?.includes(String(inode)));
      return {
        pid,
        ppid: Number(fields[1]),
        startTicks,
        ageSeconds: Number.isFinite(uptimeSeconds)
          ? Math.max(0, uptimeSeconds - startTicks / TICKS_A_SECOND)
          : null,
        rssBytes: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024,
        command,
        nodeOptions,
        usr1: signalAction(status, SIGNAL_NUMBER.USR1),
        ports: sockets === null ? null : own.map(({ port }) => port),
        loopbackPorts: own.filter(({ loopback }) => loopback).map(({ port }) => port),
        ...recognise({
          command,
          executable: exe,
          name: /^Name:\s+(.*)$/m.exec(status)?.[1] ?? '',
          go: false,
        }),
      };
    }),
    room: roomOf(answer),
    ports: [...new Set(listening.map(({ port }) => port))],
  };
}

function roomOf({ cgroup, meminfo }: Answer): MemoryRoom {
  const numberOf = (...names: string[]): number | null => {
    for (const name of names) {
      const text = cgroup[name]?.trim() ?? '';
      if (/^\d+$/.test(text)) return Number(text);
    }
    return null;
  };
  const limit = numberOf('memory.max', 'memory.limit_in_bytes');
  const usage = numberOf('memory.current', 'memory.usage_in_bytes');
  const stat = cgroup['memory.stat'] ?? '';
  const inactive = Number(
    /^total_inactive_file (\d+)$/m.exec(stat)?.[1] ?? /^inactive_file (\d+)$/m.exec(stat)?.[1] ?? 0,
  );
  const machine = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1];
  const machineFreeBytes = machine === undefined ? null : Number(machine) * 1024;
  // Version 1 writes "no limit" as the largest number of pages.
  const limitBytes = limit !== null && limit < 2 ** 60 ? limit : null;
  const usedBytes = usage === null ? null : Math.max(0, usage - inactive);
  const left = limitBytes === null || usedBytes === null ? null : Math.max(0, limitBytes - usedBytes);
  const known = [machineFreeBytes, left].filter((room) => room !== null);
  return {
    limitBytes,
    usedBytes,
    cgroup: null,
    machineFreeBytes,
    headroomBytes: known.length === 0 ? null : Math.min(...known),
  };
}
