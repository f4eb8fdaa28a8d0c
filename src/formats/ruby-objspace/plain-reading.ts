/** A dump read the slow, obvious way, for tests: `JSON.parse` of each line. */
export interface PlainRecord {
  readonly address?: string;
  readonly type: string;
  readonly root?: string;
  readonly class?: string;
  readonly references?: readonly string[];
  readonly memsize?: number;
  readonly value?: string;
  readonly size?: number;
  readonly length?: number;
}

export interface PlainDump {
  /** Roots and objects in the order of the dump; SHAPE lines are left out. */
  readonly records: readonly PlainRecord[];
  readonly malformed: number;
  readonly bytes: number;
}

export function plainReading(dump: Uint8Array): PlainDump {
  const records: PlainRecord[] = [];
  let malformed = 0;
  let bytes = 0;
  for (const line of new TextDecoder().decode(dump).split('\n')) {
    if (line === '') continue;
    try {
      const record = JSON.parse(line) as PlainRecord;
      if (record.type === 'SHAPE') continue;
      records.push(record);
      bytes += record.memsize ?? 0;
    } catch {
      malformed++;
    }
  }
  return { records, malformed, bytes };
}
