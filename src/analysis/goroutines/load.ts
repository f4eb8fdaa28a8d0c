import type { GoroutineCapture } from './captures.ts';
import type { SignatureTable } from './signatures.ts';

/** Functions that serve one connection or one call each. */
const SERVING =
  /^(?:net\/http\.\(\*(?:conn|http2serverConn|serverConn)\)\.serve|google\.golang\.org\/grpc.*\.(?:serveStreams|handleStream|HandleStreams)|github\.com\/valyala\/fasthttp\.\(\*Server\)\.serveConn|net\/rpc\.\(\*Server\)\.ServeCodec)/;

/**
 * Goroutines that are there because a client is: those that wait on a connection and those that serve one. It rises and falls
 * with the load, so that what grows without it, or stays when it goes, is not load.
 */
export function connectionLoad(
  capture: GoroutineCapture,
  table: SignatureTable,
): ReadonlyMap<number, number> {
  const load = new Map<number, number>();
  for (const [index, count] of capture.counts) {
    const { waitClass, frames } = table.all[index]!;
    if (waitClass === 'io' || frames.some(({ function: name }) => SERVING.test(name))) load.set(index, count);
  }
  return load;
}
