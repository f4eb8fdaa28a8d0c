import type { ProcessMark } from '../../sources/processes/process-identity.ts';

/** What a process of this machine is called by locks and cool-downs, however the user has named it: pid, container or address. */
export function processIdentity({ pid, startTicks }: ProcessMark): string {
  return `process ${pid}:${startTicks}`;
}

/** Where nothing is known of the process behind it, the address itself; ports and paths count, ways of writing them do not. */
export function addressIdentity(address: string): string {
  const { protocol, hostname, port, pathname } = new URL(address);
  const isSecure = protocol === 'https:' || protocol === 'wss:';
  const host = hostname === 'localhost' || hostname === '[::1]' ? '127.0.0.1' : hostname;
  // The path of an inspector is another one each time.
  const path = protocol.startsWith('ws') ? '' : pathname.replace(/\/(debug\/pprof\/)?$/, '');
  return `address ${host}:${port || (isSecure ? 443 : 80)}${path}`;
}
