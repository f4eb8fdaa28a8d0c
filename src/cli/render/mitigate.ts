import { formatBytes } from '../../base/units.ts';
import type { Gate, GateState, Outcome } from '../../mitigate/plan.ts';
import { intervalText } from '../../mitigate/restart-interval.ts';
import type { MitigateDocument, WorkerRow } from '../mitigate/document.ts';
import { nextLines } from './notes.ts';
import { plural } from './numbers.ts';
import { table } from './table.ts';
import { type Line, line, type Style, span } from './text.ts';
import { field, wrap } from './wrap.ts';

const SIGNS: Readonly<Record<GateState, { sign: string; style: Style }>> = {
  pass: { sign: '✓', style: 'good' },
  note: { sign: '·', style: 'warn' },
  later: { sign: '?', style: 'warn-strong' },
  refuse: { sign: '✗', style: 'bad-strong' },
};
const ENDS: Readonly<Record<Outcome['state'], { sign: string; style: Style }>> = {
  done: { sign: '✓', style: 'good-strong' },
  'no-relief': { sign: '!', style: 'warn-strong' },
  failed: { sign: '✗', style: 'bad-strong' },
  interrupted: { sign: '!', style: 'warn-strong' },
};
const NAME_WIDTH = 17;

/** The plan: who, what, what speaks against it, and the command that does it. */
export function planLines(plan: MitigateDocument, width: number): Line[] {
  const refused = plan.gates.filter(({ state }) => state === 'refuse').length;
  return [
    ...wrap(line(span(plan.what, 'strong'), `  ${plan.act}`), width, 2),
    ...workerLines(plan.workers, width),
    ...(plan.steps.length > 0 ? [line(), line(span('What would happen', 'strong'))] : []),
    ...plan.steps.flatMap(({ does, why, safe, stops, command }, at) => [
      ...wrap(line(`  ${at + 1}. ${does}`), width, 5),
      ...(command === null ? [] : wrap(line('     ', span(command.join(' '), 'accent')), width, 7)),
      ...part('why', why, width),
      ...part('safe', safe, width),
      ...part('stops', stops, width),
    ]),
    line(),
    line(span('What speaks for and against it', 'strong')),
    ...plan.gates.flatMap((gate) => gateLines(gate, width)),
    ...intervalLines(plan, width),
    ...(refused > 0
      ? [line(), line(span(`refused by ${plural(refused, 'gate')}; nothing was done`, 'bad-strong'))]
      : nextLines(
          plan.next === null ? [] : [{ command: plan.next, why: 'does it; so far nothing was done' }],
          width,
        )),
  ];
}

function part(name: string, text: string, width: number): Line[] {
  return field(name, line(span(text, 'dim')), { indent: 5, nameWidth: 7, width });
}

function gateLines({ name, state, says, next }: Gate, width: number): Line[] {
  const { sign, style } = SIGNS[state];
  const columns = { indent: 2, nameWidth: NAME_WIDTH, width };
  return [
    ...field(`${sign} ${name}`, line(span(says, state === 'pass' ? 'plain' : style)), columns),
    ...(next === null || state === 'pass' ? [] : field('', line(span(`→ ${next}`, 'dim')), columns)),
  ];
}

function workerLines(workers: readonly WorkerRow[], width: number): Line[] {
  if (workers.length === 0) return [];
  return table(
    [
      { title: '' },
      { title: 'pid', align: 'right' },
      { title: 'memory', align: 'right' },
      { title: 'rss', align: 'right' },
      { title: 'age', align: 'right' },
      { title: 'what', flexible: true },
    ],
    workers.map(({ pid, role, memoryBytes, rssBytes, ageSeconds, target }) =>
      line(
        span(target ? '→' : '', 'strong'),
        span(String(pid), target ? 'strong' : 'plain'),
        formatBytes(memoryBytes),
        span(formatBytes(rssBytes), 'dim'),
        ageSeconds === null ? '?' : intervalAge(ageSeconds),
        role,
      ),
    ),
    width,
    2,
  );
}

function intervalAge(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : intervalText(seconds / 3600);
}

function intervalLines({ interval, noInterval }: MitigateDocument, width: number): Line[] {
  if (interval === null)
    return noInterval === null ? [] : [line(), ...wrap(line(span(noInterval, 'dim')), width)];
  const {
    hours,
    likelyHours,
    restartAtBytes,
    ratePerHour,
    betweenWorkersHours,
    safety,
    says,
    metric,
    floorFrom,
  } = interval;
  const between =
    betweenWorkersHours === null ? '' : `, one of the workers every ${intervalText(betweenWorkersHours)}`;
  return [
    line(),
    line(span('Restart interval', 'strong')),
    ...(hours === null
      ? []
      : wrap(
          line(
            '  every ',
            span(intervalText(hours), 'strong'),
            `${between}: at ${formatBytes(ratePerHour)} an hour (upper end; ${likelyHours === null ? '' : `${intervalText(likelyHours)} at the likely rate`}) ${metric} is then at ${formatBytes(restartAtBytes)}, ${Math.round(safety * 100)} % of the limit`,
          ),
          width,
          2,
        )),
    ...wrap(line('  ', span(`from a fresh process: ${floorFrom}`, 'dim')), width, 2),
    ...says.flatMap((each) => wrap(line('  ', span(each, 'warn')), width, 2)),
  ];
}

/** How it ended. */
export function outcomeLines(
  { outcomes, stopped }: Pick<MitigateDocument, 'outcomes' | 'stopped'>,
  folder: string,
  width: number,
): Line[] {
  return [
    line(),
    ...outcomes.flatMap(({ state, says, checks, elapsedMs }) => [
      ...wrap(
        line(
          span(`${ENDS[state].sign} ${state} `, ENDS[state].style),
          says,
          span(` (${(elapsedMs / 1000).toFixed(1)} s)`, 'dim'),
        ),
        width,
        2,
      ),
      ...(checks === null
        ? []
        : [line(span(`  ${checks.failed} of ${checks.asked} questions to it failed meanwhile`, 'dim'))]),
    ]),
    ...(stopped === null ? [] : wrap(line(span('stopped: ', 'bad-strong'), stopped), width, 2)),
    line(span(`on the timeline of ${folder}`, 'dim')),
  ];
}
