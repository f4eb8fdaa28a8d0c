import { readLine } from './line.ts';

/**
 * How sure the first 4 KB are a text log, from 0 to 1. Never throws. Most lines must carry a time and say something beside numbers:
 * a table of times and numbers is CSV, not a log.
 */
export function detectLog(head: Uint8Array): number {
  const bytes = head.subarray(0, 4096);
  if (bytes.includes(0)) return 0;
  const text = new TextDecoder('utf-8').decode(bytes);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (head.length >= 4096) lines.pop();
  let stamped = 0;
  let spoken = 0;
  let flush = 0;
  for (const raw of lines) {
    const line = readLine(raw.trimEnd(), 1970);
    if (Number.isNaN(line.atMs)) continue;
    stamped++;
    if (
      /[A-Za-z]{3,}.*[A-Za-z]{3,}/.test(line.message) ||
      line.level !== '' ||
      (line.message !== '' && line.fields.length > 0)
    )
      spoken++;
    if (!/^\s/.test(raw)) flush++;
  }
  if (lines.length === 0 || stamped === 0 || spoken < stamped / 2) return 0;
  // Stack traces and wrapped messages stand between; headings and fences do not.
  const prose = lines.filter((line) => /^(?:#{1,6} |```|\*\*|- \[ \])/.test(line)).length;
  if (prose > 0) return 0;
  const share = flush / lines.length;
  return share > 0.5 ? 0.85 : share > 0.1 || stamped >= 3 ? 0.55 : 0.3;
}
