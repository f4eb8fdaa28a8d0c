import { UsageError } from '../base/errors.ts';
import type { TimelineRecord } from '../model/case.ts';
import { parseSizeBytes } from '../model/series-unit.ts';
import { record } from './case-folder.ts';

/** What can be set in a case: what it is for, and how its text is read. */
interface SettingKind {
  readonly about: string;
  /** Why a text is none; null when it is one. */
  problem(text: string): string | null;
}

const anyText: SettingKind['problem'] = (text) => (text.trim() === '' ? 'it is empty' : null);
const size: SettingKind['problem'] = (text) =>
  (parseSizeBytes(text) ?? 0) > 0 ? null : 'it must be a size, as 1GiB or 512MB';
const count: SettingKind['problem'] = (text) =>
  /^[1-9]\d{0,6}$/.test(text) ? null : 'it must be a whole number from 1 up';
const duration: SettingKind['problem'] = (text) =>
  durationMs(text) === null ? 'it must be a duration, as 90m or 2h' : null;

/** Facts that nobody can measure, and the conditions under which help is called. */
export const SETTINGS: Readonly<Record<string, SettingKind>> = {
  service: { about: 'name of the service', problem: anyText },
  severity: { about: 'as the alert has it', problem: anyText },
  team: { about: 'whose service it is', problem: anyText },
  assigned: { about: 'who works on it', problem: anyText },
  runtime: {
    about: 'node, go, ruby or python; told by the evidence when absent',
    problem: (text) => (['node', 'go', 'ruby', 'python'].includes(text) ? null : 'node, go, ruby or python'),
  },
  source: { about: "the service's checkout", problem: anyText },
  limit: { about: 'memory limit of one process or container', problem: size },
  metrics: { about: 'a Prometheus-like address or a file with memory over time', problem: anyText },
  target: { about: 'pid or address to capture from', problem: anyText },
  'escalate.memoryPerWorker': { about: 'memory of one worker above which help is called', problem: size },
  'escalate.workers': { about: 'so many workers that grow at once', problem: count },
  'escalate.restarts': { about: 'so many restarts that users notice', problem: count },
  'escalate.withoutCause': { about: 'so long without a cause', problem: duration },
};

/** What a case has set, the last of each name. */
export function settingsOf(
  timeline: readonly Pick<TimelineRecord, 'kind' | 'facts' | 'seq'>[],
): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const { kind, facts } of timeline.toSorted((a, b) => a.seq - b.seq)) {
    if (kind !== 'setting') continue;
    for (const [name, value] of Object.entries(facts ?? {})) {
      if (!(name in SETTINGS)) continue;
      if (value === '') delete settings[name];
      else settings[name] = value;
    }
  }
  return settings;
}

/**
 * Writes settings on the timeline; an empty value takes one back.
 *
 * @param assignments `name=value`
 * @throws UsageError for names that are none and values that cannot be read; then nothing is set
 */
export async function setInCase(folder: string, assignments: readonly string[]): Promise<TimelineRecord> {
  const facts: Record<string, string> = {};
  for (const assignment of assignments) {
    const at = assignment.indexOf('=');
    const name = at < 0 ? assignment : assignment.slice(0, at);
    const value = at < 0 ? null : assignment.slice(at + 1).trim();
    const kind = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
    if (kind === undefined)
      throw new UsageError(`${name}: nothing is called so`, `there are: ${Object.keys(SETTINGS).join(', ')}`);
    if (value === null)
      throw new UsageError(`${name}: no value`, `stanch case set ${folder} ${name}=…  (${kind.about})`);
    const problem = value === '' ? null : kind.problem(value);
    if (problem !== null) throw new UsageError(`${assignment}: ${problem}`);
    facts[name] = value;
  }
  const at = new Date().toISOString();
  const text = Object.entries(facts)
    .map(([name, value]) => (value === '' ? `${name} is taken back` : `${name} = ${value}`))
    .join(', ');
  const [written] = await record(folder, () => [{ kind: 'setting', at, text, facts }]);
  return written!;
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90m`, `2h`, `1.5d` in milliseconds; null for what is none. */
export function durationMs(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([smhd])$/.exec(text.trim());
  return match ? Number(match[1]) * UNITS[match[2]!]! : null;
}
