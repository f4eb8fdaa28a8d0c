import type { TimelineKind } from '../../model/case.ts';
import { type Block, paragraph, table } from '../blocks.ts';
import { blocksHtml } from '../blocks-html.ts';
import { incidentSeries } from '../report-input.ts';
import { type AnySection, section } from '../section.ts';
import { counted, timeText } from '../words.ts';

interface Row {
  readonly at: string;
  readonly kind: TimelineKind | 'onset';
  readonly text: string;
}

interface Timeline {
  readonly rows: readonly Row[];
  readonly deploysLeftOut: number;
}

/** A month of commits would bury the incident. */
const MOST_DEPLOYS = 15;
const HIDDEN: ReadonlySet<TimelineKind> = new Set(['setting', 'claim', 'follow-up']);

/** What happened when. */
export const timeline: AnySection = section<Timeline>({
  id: 'timeline',
  title: 'Timeline',
  build(input) {
    const { view } = input;
    const onset = incidentSeries(input)?.value.onset ?? null;
    const deploys = view.timeline.filter(({ kind }) => kind === 'deploy');
    const kept = new Set(nearest(deploys, onset ?? view.createdAt));
    const rows: Row[] = view.timeline
      .filter((each) => !HIDDEN.has(each.kind) && (each.kind !== 'deploy' || kept.has(each)))
      .map(({ at, kind, text }) => ({ at, kind, text: kind === 'capture' ? shortened(text) : text }));
    if (onset !== null) rows.push({ at: onset, kind: 'onset', text: 'memory begins to grow' });
    rows.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
    return { rows, deploysLeftOut: deploys.length - kept.size };
  },
  html: (data) => blocksHtml(blocksOf(data)),
  text: blocksOf,
});

function blocksOf({ rows, deploysLeftOut }: Timeline): Block[] {
  return [
    table(
      'What happened, UTC',
      ['Time', 'What', ''],
      rows.map(({ at, kind, text }) => [timeText(at), kindText(kind), text]),
    ),
    ...(deploysLeftOut === 0
      ? []
      : [paragraph({ dim: `${counted(deploysLeftOut, 'commit')} further from the incident left out.` })]),
  ];
}

/** `ruby-1-2/A.json, ruby-1-2/A.names.jsonl: …`: the folder once, since all that a capture takes lies in one. */
function shortened(text: string): string {
  const folder = /^([^\s,/]+\/)/.exec(text)?.[1];
  return folder === undefined ? text : folder + text.slice(folder.length).replaceAll(`, ${folder}`, ', ');
}

function kindText(kind: Row['kind']): string | { tone: 'bad' | 'good'; text: string } | { strong: string } {
  if (kind === 'alert' || kind === 'impact' || kind === 'onset') return { tone: 'bad', text: kind };
  if (kind === 'closed') return { tone: 'good', text: kind };
  return kind === 'action' || kind === 'findings' || kind === 'result' ? { strong: kind } : kind;
}

function nearest<Each extends { readonly at: string }>(all: readonly Each[], to: string): Each[] {
  const away = ({ at }: Each): number => Math.abs(Date.parse(at) - Date.parse(to));
  return all.toSorted((a, b) => away(a) - away(b)).slice(0, MOST_DEPLOYS);
}
