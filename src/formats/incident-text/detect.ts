const SIGNS: readonly [RegExp, number][] = [
  [/^#{1,3} \S/m, 0.3],
  [/^\s*```/m, 0.15],
  [/^\*\*[\w ]+\*\*\s*:|^\*\*[^*]+:\*\*/m, 0.15],
  [/\b(?:incident|post-?mortem|runbook|root cause|outage|memory leak|OOM)/i, 0.2],
  [/^\s*[-*] \S.*\n\s*[-*] \S/m, 0.1],
];

/**
 * How sure the first 4 KB are an incident text, from 0 to 1. Never throws. Prose has no magic number: headings, fences and the
 * words of incidents add up, and any reader of a stricter format goes first.
 */
export function detectIncidentText(head: Uint8Array, name: string): number {
  const text = new TextDecoder('utf-8').decode(head.subarray(0, 4096));
  if (text.includes('\0') || /^\s*[{[<]/.test(text)) return 0;
  let sure = /\.(?:md|markdown)$/i.test(name) ? 0.2 : 0;
  for (const [sign, weight] of SIGNS) if (sign.test(text)) sure += weight;
  return Math.min(0.9, sure);
}
