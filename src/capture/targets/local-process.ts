import { networkInterfaces, hostname as ownName } from 'node:os';
import { holdersOfSockets, listenersAround } from '../../sources/processes/listening-ports.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { listProcesses } from '../../sources/processes/process-list.ts';
import type { Runtime } from '../../sources/processes/recognise.ts';

/** The near ends of tunnels: their memory says nothing of what is behind them. */
const TUNNEL = /^(kubectl|ssh|docker|docker-proxy|oc|k3s|rootlessport|cloudflared|envoy)$/;

/**
 * The processes behind an address of this machine, so that their limit can be looked at and a lock goes by the process: several where workers
 * share a socket. Empty for other machines, for tunnels, and where it may not be seen.
 */
export function processesAt(
  { hostname, port, protocol }: URL,
  runtime: Runtime | null = null,
): ProcessFacts[] {
  const reached = ownAddress(hostname);
  if (reached === null) return [];
  const number = Number(port || (/^(https|wss):$/.test(protocol) ? 443 : 80));
  try {
    const listeners = listenersAround(process.pid).filter(
      (each) => each.port === number && (reached === 'loopback' || !each.loopback),
    );
    const holders = new Set(holdersOfSockets(new Set(listeners.map(({ inode }) => inode))));
    if (holders.size === 0) return [];
    return listProcesses().filter(
      (each) =>
        holders.has(each.pid) &&
        each.pid !== process.pid &&
        !TUNNEL.test(each.role) &&
        (runtime === null || each.runtime === runtime),
    );
  } catch {
    return [];
  }
}

/** Whether a name or an address leads to this machine without asking anybody. */
function ownAddress(hostname: string): 'loopback' | 'outside' | null {
  if (isLoopback(hostname)) return 'loopback';
  const address = hostname.replace(/^\[|\]$/g, '');
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return hostname === ownName() || own.some((each) => each.address === address) ? 'outside' : null;
}

/** True for what can only be this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
