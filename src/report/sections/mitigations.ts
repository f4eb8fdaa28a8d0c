import { formatBytes } from '../../base/units.ts';
import type { TimelineRecord } from '../../model/case.ts';
import { type Block, type Inline, type Text, table } from '../blocks.ts';
import { blocksHtml } from '../blocks-html.ts';
import { type AnySection, section } from '../section.ts';
import { timeText } from '../words.ts';

interface Act {
  readonly at: string;
  readonly text: string;
  /** `done`, `no-relief`, `failed`, `interrupted`; null for what somebody did by hand. */
  readonly outcome: string | null;
  readonly outcomeText: string | null;
  readonly memory: { readonly beforeBytes: number; readonly afterBytes: number } | null;
}

interface Mitigations {
  readonly acts: readonly Act[];
}

/** What was done to win time, and what it brought. */
export const mitigations: AnySection = section<Mitigations>({
  id: 'mitigations',
  title: 'Mitigations tried',
  build({ view }) {
    const actions = view.timeline.filter(({ kind }) => kind === 'action');
    if (actions.length === 0) return null;
    const outcomes = new Map(
      actions
        .filter(({ facts }) => facts?.['phase'] === 'outcome')
        .map((each) => [each.facts?.['mitigation'], each]),
    );
    return {
      acts: actions
        .filter(({ facts }) => facts?.['phase'] !== 'outcome')
        .map((each) => actOf(each, outcomes.get(each.facts?.['mitigation'] ?? null!))),
    };
  },
  html: (data) => blocksHtml(blocksOf(data)),
  text: blocksOf,
});

function actOf({ at, text }: TimelineRecord, outcome: TimelineRecord | undefined): Act {
  const number = (name: string): number => Number(outcome?.facts?.[name] ?? Number.NaN);
  const [beforeBytes, afterBytes] = [number('memoryBeforeBytes'), number('memoryAfterBytes')];
  return {
    at,
    // What was about to be done is what was done: how it ended stands beside it.
    text: outcome === undefined ? text : text.replace(/^([\w-]+): about to /, '$1: '),
    outcome: outcome?.facts?.['outcome'] ?? null,
    outcomeText: outcome?.text.replace(/^[\w-]+: (?:done|no-relief|failed|interrupted): /, '') ?? null,
    memory: Number.isFinite(beforeBytes) && Number.isFinite(afterBytes) ? { beforeBytes, afterBytes } : null,
  };
}

const TONES: Readonly<Record<string, 'good' | 'bad' | 'warn'>> = {
  done: 'good',
  failed: 'bad',
  interrupted: 'bad',
  'no-relief': 'warn',
};

function blocksOf({ acts }: Mitigations): Block[] {
  return [
    table(
      'What was done, and what it brought',
      ['Time', 'What', 'Outcome', '>Memory'],
      acts.map(({ at, text, outcome, outcomeText, memory }): Text[] => [
        timeText(at),
        text,
        outcomeOf(outcome, outcomeText),
        memory === null ? '' : `${formatBytes(memory.beforeBytes)} → ${formatBytes(memory.afterBytes)}`,
      ]),
    ),
  ];
}

function outcomeOf(outcome: string | null, text: string | null): Text {
  if (outcome === null) return [{ dim: 'not written down' }];
  const tone = TONES[outcome];
  const word: Inline = tone === undefined ? outcome : { tone, text: outcome };
  return text === null ? [word] : [word, ` ${text}`];
}
