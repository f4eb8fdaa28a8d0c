import { timeKeyOf } from './keys.ts';

/** How sure the first 4 KB are one JSON object a line with a time and numbers, from 0 to 1. Never throws. */
export function detectJsonLines(head: Uint8Array): number {
  const text = new TextDecoder().decode(head.subarray(0, 4096)).trimStart();
  const end = text.indexOf('\n');
  const line = end < 0 ? text : text.slice(0, end);
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 0;
    if ('metric' in value && 'values' in value && 'timestamps' in value) return 0.95;
    const key = timeKeyOf(value as Record<string, unknown>);
    const numbers = Object.entries(value).filter(([name, each]) => name !== key && typeof each === 'number');
    return key !== null && numbers.length > 0 ? 0.8 : 0;
  } catch {
    return 0;
  }
}
