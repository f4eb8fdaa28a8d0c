const HEADER =
  /(^|\n)([^\n]{0,256}?)goroutine \d+ (?:gp=0x[\da-f]+ m=(?:nil|\d+ mp=0x[\da-f]+) )?\[[^\n\]]+\](?: \{[^\n]*\})?:\r?(?=\n)/;
const CRASH = /(?:^|\n)(?:panic: |fatal error: |SIG[A-Z]+: |\[signal SIG)/;

/**
 * How sure the first 4 KB are Go's stack text, from 0 to 1. Never throws. A header with the frame that must follow is sure;
 * in a log or a report, where goroutines may come later, what stands first decides.
 */
export function detectGoroutines(head: Uint8Array): number {
  const text = new TextDecoder('latin1').decode(head.subarray(0, 4096));
  const header = HEADER.exec(text);
  if (!header)
    return CRASH.test(text) && /(?:^|\n)(?:runtime stack:|PC=0x|\[signal SIG)/.test(text) ? 0.5 : 0;
  const before = text.slice(0, header.index).trim();
  if (header[2] === '' && (before === '' || CRASH.test(text))) return 1;
  return before === '' ? 0.95 : 0.4;
}
