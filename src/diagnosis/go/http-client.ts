import type { GoroutineCapture } from '../../analysis/goroutines/captures.ts';
import type { SignatureTable } from '../../analysis/goroutines/signatures.ts';
import type { GroupStudy } from './study.ts';

const READ_LOOP = 'net/http.(*persistConn).readLoop';
const WRITE_LOOP = 'net/http.(*persistConn).writeLoop';

/** A connection of Go's HTTP client; each has a goroutine that reads and one that writes. */
export function isClientConnection({ group: { main } }: GroupStudy): boolean {
  return main.frames.some(({ function: name }) => name === READ_LOOP || name === WRITE_LOOP);
}

/**
 * The reading half of a connection waits for its response's body to be read or closed (`select` in `readLoop`; between requests it
 * waits on the network), and there are hardly any goroutines of the service that could be about to do so.
 */
export function isUnreadBody(study: GroupStudy): boolean {
  const { main, counts } = study.group;
  if (main.waitClass !== 'blocked' || !main.frames.some(({ function: name }) => name === READ_LOOP))
    return false;
  const last = counts.length - 1;
  return (study.atWork[last] ?? 0) <= counts[last]! * 0.2;
}

/** Goroutines with code of the service or its libraries on the stack: each may hold a response that it still reads. */
export function countAtWork(capture: GoroutineCapture, table: SignatureTable): number {
  let atWork = 0;
  for (const [index, count] of capture.counts) if (table.all[index]!.blame !== null) atWork += count;
  return atWork;
}
