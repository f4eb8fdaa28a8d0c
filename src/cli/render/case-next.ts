import type { Escalation } from '../../casework/runbook/escalation.ts';
import type { CaseNext } from '../../casework/runbook/next.ts';
import type { RuntimeNote } from '../../casework/runbook/runtime-notes.ts';
import type { StepCommand } from '../../casework/runbook/step.ts';
import { plural } from './numbers.ts';
import { type Line, line, type Span, span } from './text.ts';
import { wrap } from './wrap.ts';

const SIGNS = { done: span('✓ ', 'good'), open: span('· ', 'dim'), 'not-needed': span('– ', 'dim') } as const;
const TITLE_WIDTH = 18;
const START = 2 + 2 + TITLE_WIDTH;

/** The checklist of a case: what is done by what, what comes next with its commands, and whether help is to be called. */
export function nextLines(
  { title, runtime, target, steps, next, escalation, settled }: CaseNext,
  width: number,
  all: boolean,
): Line[] {
  const about = [
    runtime,
    target && `${target.what}${target.state === 'unknown' ? '' : ` (${target.state})`}`,
  ].filter((text) => text !== null);
  return [
    ...wrap(line(span(title, 'strong'), span(`  ${about.join(', ')}`, 'dim')), width),
    ...(settled > 0
      ? [line(span(`  ${plural(settled, 'moment')} of an interrupted capture taken in`, 'warn'))]
      : []),
    line(),
    ...steps.flatMap((step) => {
      const isNext = step.id === next;
      const sign: Span = isNext ? span('→ ', 'accent') : SIGNS[step.state];
      const records = step.records.length === 0 ? '' : `  (timeline ${step.records.slice(-4).join(', ')})`;
      return [
        ...wrap(
          line(
            '  ',
            sign,
            span(step.title.padEnd(TITLE_WIDTH), isNext ? 'strong' : 'plain'),
            step.state === 'open' && !isNext ? span(step.says, 'dim') : step.says,
            span(records, 'dim'),
          ),
          width,
          START,
        ),
        ...step.missing.flatMap((text) => inColumn(line(span('missing: ', 'warn'), text), width)),
        ...(isNext || all ? step.commands.flatMap((each) => commandLines(each, width)) : []),
        ...(isNext || all ? step.notes.flatMap((each) => noteLines(each, width)) : []),
      ];
    }),
    ...(next === null ? [line(), line(span('  all done', 'good'))] : []),
    line(),
    ...escalationLines(escalation, width, all),
  ];
}

function escalationLines(
  { reached, conditions, bundle, checklist }: Escalation,
  width: number,
  all: boolean,
): Line[] {
  const shown = all || reached ? conditions : conditions.filter(({ state }) => state !== 'watched');
  const head = reached
    ? line(span('! Call for help', 'bad-strong'))
    : line(span('  No reason to call for help yet', 'dim'));
  return [
    head,
    ...shown.flatMap(({ id, title, threshold, state, says }) =>
      wrap(
        line(
          '  ',
          state === 'reached' ? span('! ', 'bad') : span(state === 'unknown' ? '? ' : '· ', 'dim'),
          span(`${title}: `, state === 'reached' ? 'strong' : 'plain'),
          says,
          span(`  (${id}=${threshold})`, 'dim'),
        ),
        width,
        4,
      ),
    ),
    ...(reached || all
      ? [
          ...wrap(
            line(
              '    ',
              span(bundle, 'accent'),
              span('  what to hand over: the case without secrets', 'dim'),
            ),
            width,
            6,
          ),
          ...checklist
            .filter(({ there }) => all || !there)
            .flatMap(({ what, there, command }) =>
              wrap(
                line(
                  '    ',
                  there ? span('✓ ', 'good') : span('· ', 'warn'),
                  there ? what : `not in it yet: ${what}  `,
                  span(command ?? '', 'accent'),
                ),
                width,
                6,
              ),
            ),
        ]
      : []),
  ];
}

function commandLines({ command, why }: StepCommand, width: number): Line[] {
  return [
    ...inColumn(line(span(command, 'accent')), width),
    ...inColumn(line(span(`  ${why}`, 'dim')), width),
  ];
}

const NOTE_SIGNS: Readonly<Record<RuntimeNote['kind'], Span>> = {
  do: span('do: ', 'good'),
  never: span('never: ', 'bad'),
  know: span('know: ', 'dim'),
};

function noteLines({ kind, text, command }: RuntimeNote, width: number): Line[] {
  return [
    ...inColumn(line(NOTE_SIGNS[kind], span(text, kind === 'never' ? 'plain' : 'dim')), width),
    ...(command === undefined ? [] : inColumn(line(span(command, 'accent')), width)),
  ];
}

function inColumn(text: Line, width: number): Line[] {
  return wrap(text, width - START).map((each) => [span(' '.repeat(START)), ...each]);
}
