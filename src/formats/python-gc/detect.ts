/** First line of the file; the number is the version of the stream. */
export const MAGIC = 'stanch-python-gc ';

/** How sure the first bytes are a dump of the Python agent, from 0 to 1. Never throws. */
export function detectPythonGc(head: Uint8Array): number {
  for (let at = 0; at < MAGIC.length; at++) if (head[at] !== MAGIC.charCodeAt(at)) return 0;
  return 1;
}
