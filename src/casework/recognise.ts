import { readHead } from '../base/byte-source.ts';
import { detectCsv } from '../formats/csv/detect.ts';
import { detectIncidentText } from '../formats/incident-text/detect.ts';
import { detectFormat, HEAD_BYTES } from '../formats/index.ts';
import { detectJsonLines } from '../formats/json-lines/detect.ts';
import { detectLog } from '../formats/log/detect.ts';
import { detectOpenMetrics } from '../formats/openmetrics/detect.ts';
import type { EvidenceKind } from '../model/case.ts';
import { openFile } from '../sources/file.ts';

/** Below this a text format is a guess. */
const SURE_ENOUGH = 0.3;

/** What a file is, told by its (unpacked) content; `other` for what no format knows and for what cannot be unpacked. */
export async function recognise(
  path: string,
  name: string = path,
): Promise<{ kind: EvidenceKind; format: string | null }> {
  const head = await headOf(path);
  if (head === null) return { kind: 'other', format: null };
  if (/\.names\.jsonl(?:\.gz|\.zst)?$/.test(name)) return { kind: 'companion', format: 'ruby-names' };
  const format = detectFormat(head, name);
  if (format !== null) return { kind: format.kind, format: format.id };
  const sure: readonly [EvidenceKind, string, number][] = [
    ['series', 'openmetrics', detectOpenMetrics(head)],
    ['series', 'csv', detectCsv(head, name)],
    ['series', 'json-lines', detectJsonLines(head)],
    ['incident-text', 'incident-text', detectIncidentText(head, name)],
    ['log', 'log', detectLog(head)],
  ];
  const [kind, id, weight] = sure.reduce((a, b) => (b[2] > a[2] ? b : a));
  return weight < SURE_ENOUGH ? { kind: 'other', format: null } : { kind, format: id };
}

async function headOf(path: string): Promise<Uint8Array | null> {
  try {
    const source = openFile(path);
    try {
      return await readHead(source, HEAD_BYTES);
    } finally {
      source.close?.();
    }
  } catch {
    return null;
  }
}
