import { type Moment, momentsOf } from '../formats/incident-text/times.ts';
import type { TextClock } from './clock.ts';
import type { Statement } from './statements.ts';

export type IncidentEventKind = 'deploy' | 'alert' | 'kill' | 'restart' | 'other';

/** A dated entry of a timeline. */
export interface IncidentEvent {
  readonly minute: number;
  readonly kind: IncidentEventKind;
  readonly text: string;
  readonly line: number;
  /** "second", "test", "api-prod-2"; '' for the service as such. */
  readonly process: string;
}

const KINDS: readonly [IncidentEventKind, RegExp][] = [
  [
    'kill',
    /\bOOM(?:-|\s)?(?:killed|kills?\b)|OOMKilled|\bkilled by|out[- ]of[- ]memory kill|\bcrash(?:ed|es)\b|exit(?:ed)? (?:code )?137/i,
  ],
  [
    'restart',
    /(?<!post-)(?<!before (?:manual )?)(?<!before a )\b(?:restart(?:ed|s)|rebooted|recycled|came back|back up|respawned)\b/i,
  ],
  [
    'deploy',
    /(?<!post-|after |last |before |until )\b(?:deploy(?:ed|s|ment)?|roll(?:ed)? ?out|released|shipped)\b/i,
  ],
  ['alert', /\b(?:alert(?:ed|s)?|paged?|fired|pager|triggered)\b/i],
];

/** Sayings that begin with a time, in their order; what speaks in a chat is no event. */
export function incidentEventsOf(statements: readonly Statement[], clock: TextClock): IncidentEvent[] {
  const dated: { statement: Statement; moment: Moment }[] = [];
  for (const statement of statements) {
    if (!['prose', 'item', 'table', 'code'].includes(statement.kind) || /^@|^\W*<?@/.test(statement.text))
      continue;
    const text = statement.text.replace(/^[\s|[\-*]+/, '');
    const moment = momentsOf(text)[0];
    if (moment?.minutes != null && moment.start === 0 && /[a-z]{3}/i.test(text.slice(moment.end)))
      dated.push({ statement, moment });
  }
  const events: IncidentEvent[] = [];
  for (const group of groupedByHeading(dated)) {
    const minutes = clock.sequence(group.map(({ moment }) => moment));
    for (const [at, { statement, moment }] of group.entries()) {
      const text = statement.text
        .replace(/^[\s|[\-*]+/, '')
        .slice(moment.end)
        .replace(/^[\s|:\])–—-]*(?:UTC)?[\s|:–—-]*/, '')
        .replace(/\|\s*$/, '')
        .trim();
      events.push({
        minute: minutes[at]!,
        kind: kindOf(text),
        text,
        line: statement.line,
        process: processOf(text),
      });
    }
  }
  return events.sort((a, b) => a.minute - b.minute);
}

function groupedByHeading<T extends { statement: Statement }>(dated: readonly T[]): T[][] {
  const groups = new Map<string, T[]>();
  for (const each of dated) {
    const { block, headings } = each.statement;
    const key = block.kind === 'code' ? `#${block.index}` : headings.join('/');
    const held = groups.get(key);
    if (held) held.push(each);
    else groups.set(key, [each]);
  }
  return [...groups.values()];
}

function kindOf(text: string): IncidentEventKind {
  if (/^\s*(?:post-restart|after restart)/i.test(text)) return 'restart';
  return KINDS.find(([, sign]) => sign.test(text))?.[0] ?? 'other';
}

const THING = '(?:pod|worker|process|instance|replica|container|host|node|server|dyno|machine|task)';
const WHICH = new RegExp(
  `\\b(first|second|third|fourth|fifth|last|test|canary|staging|another|other|one)\\s+${THING}\\b`,
  'i',
);

/** Which process a saying is about: "second pod", "test pod"; '' when it does not say. */
function processOf(text: string): string {
  return WHICH.exec(text)?.[1]?.toLowerCase() ?? '';
}
