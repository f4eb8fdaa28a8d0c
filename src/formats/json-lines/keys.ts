const TIME_KEYS = [
  'time',
  'timestamp',
  'ts',
  '@timestamp',
  't',
  'at',
  'date',
  'datetime',
  'epoch',
  'time_ms',
  'time_unix',
];

/** The key that holds the time of an object; null when none does. */
export function timeKeyOf(object: Readonly<Record<string, unknown>>): string | null {
  const lower = new Map(Object.keys(object).map((key) => [key.toLowerCase(), key]));
  for (const key of TIME_KEYS) {
    const found = lower.get(key);
    if (found !== undefined) return found;
  }
  return null;
}
