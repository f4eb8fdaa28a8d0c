import { sharesNetwork } from '../../sources/processes/listening-ports.ts';
import { inspectorAt } from './inspector-at.ts';
import { mayEnterNetwork, type Tunnel, tunnelIntoNetwork } from './tunnel.ts';

/** The way to the 127.0.0.1 of a process: ours, or that of its own network. */
export interface Reach {
  /** What the pre-flight adds; empty for our own network. */
  readonly says: string;
  /** The port of this machine that leads to one of its ports. */
  port(port: number): Promise<number>;
  /** The web socket of an inspector on one of its ports; null when something else listens there, or nobody. */
  inspector(port: number, signal?: AbortSignal): Promise<string | null>;
  close(): Promise<void>;
}

/** The way to the ports of a process of this machine; null when it is in another network that may not be entered. */
export function reachInto(pid: number): Reach | null {
  if (sharesNetwork(pid)) {
    return {
      says: '',
      port: (port) => Promise.resolve(port),
      inspector: (port, signal) => inspectorAt('127.0.0.1', port, signal),
      close: () => Promise.resolve(),
    };
  }
  if (!mayEnterNetwork(pid)) return null;
  return reachThrough((port) => tunnelIntoNetwork(pid, port), ', through its own network (nsenter)');
}

/** The way through tunnels, one for each port that is asked for. */
export function reachThrough(tunnel: (port: number) => Promise<Tunnel>, says: string): Reach {
  const tunnels = new Map<number, Promise<Tunnel>>();
  const close = async (port: number): Promise<void> => {
    const open = tunnels.get(port);
    tunnels.delete(port);
    await open?.then((each) => each.close()).catch(() => undefined);
  };
  const reach: Reach = {
    says,
    async port(port) {
      let open = tunnels.get(port);
      if (!open) {
        open = tunnel(port);
        tunnels.set(port, open);
      }
      return (await open).port;
    },
    async inspector(port, signal) {
      const url = await inspectorAt('127.0.0.1', await reach.port(port), signal);
      if (url === null) await close(port);
      return url;
    },
    async close() {
      for (const port of [...tunnels.keys()]) await close(port);
    },
  };
  return reach;
}
