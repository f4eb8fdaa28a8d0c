import { type DatedEvent, type EventKind, type EventStream, eventStreamFrom } from '../model/event-stream.ts';
import { parseTimeMs } from '../model/sample-time.ts';

/**
 * Deploys and the like, one a line: a time, then any text (`2024-01-21T00:05:00Z v1.42`), a table with a head
 * (`time,event`), or a JSON object (`{"time": …, "version": …}`). `git log --format='%cI %s'` gives such a list. Lines without a time
 * at their start are left out.
 */
export function parseDeploys(text: string, source: string): EventStream {
  return eventStreamFrom(source, text.split(/\r?\n/).flatMap(eventOf));
}

const TIME_FIRST =
  /^"?(\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)?\s?(?:Z|UTC|[+-]\d{2}:?\d{2})?|\d{9,19}(?:\.\d+)?)"?(?:[\s,;|]+(.*))?$/;

function eventOf(line: string): DatedEvent[] {
  const text = line.trim();
  if (text.startsWith('{')) return eventOfJson(text);
  const match = TIME_FIRST.exec(text);
  if (!match) return [];
  const said = (match[2] ?? '').replace(/^"|"$/g, '').trim() || 'deploy';
  return [{ atMs: parseTimeMs(match[1]!), kind: kindOf(said), text: said }];
}

function eventOfJson(text: string): DatedEvent[] {
  try {
    const value = JSON.parse(text) as Record<string, unknown>;
    const time = value['time'] ?? value['timestamp'] ?? value['at'] ?? value['date'] ?? value['deployed_at'];
    const said =
      value['event'] ?? value['version'] ?? value['text'] ?? value['message'] ?? value['sha'] ?? 'deploy';
    return [
      { atMs: parseTimeMs(String(time)), kind: kindOf(String(value['kind'] ?? said)), text: String(said) },
    ];
  } catch {
    return [];
  }
}

function kindOf(text: string): EventKind {
  if (/\boom/i.test(text)) return 'oom-kill';
  return /\b(restart(ed)?|crash(ed)?|killed)\b/i.test(text) ? 'restart' : 'deploy';
}
