import type { ProgramResult } from '../../sources/containers/run-program.ts';
import type { Tunnel } from './tunnel.ts';

/** The way into a container that cannot be seen from here: what it has already is run in it, nothing is installed. */
export interface Door {
  /** As the user named it. */
  readonly name: string;
  /** As `docker exec` or `kubectl exec …`, for what is told to the user. */
  readonly way: string;
  /** What each connection costs within the container's limit. */
  readonly bytesAConnection: number;
  run(argv: readonly string[]): Promise<ProgramResult>;
  /** Leads to a port that listens on 127.0.0.1 in the container. */
  tunnel(port: number): Promise<Tunnel>;
}
