import { quantitiesOf } from '../../formats/incident-text/quantities.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { clockText, digits, durationText } from '../figures.ts';

/** A row that belongs to two processes, or to one that was dead at that time. */
export function checkRowsMixProcesses({ series, events, document }: Facts): Claim[] {
  const claims: Claim[] = [];
  for (const { points, from, name } of series) {
    if (from === 'evidence') continue;
    for (const [at, point] of points.entries()) {
      const previous = points[at - 1];
      if (!previous) continue;
      const kill = events.findLast(
        ({ kind, minute, process }) =>
          kind === 'kill' &&
          minute < point.minute &&
          minute >= previous.minute &&
          (process === '' || process === 'first'),
      );
      const restart = kill
        ? events.find(({ kind, minute }) => kind === 'restart' && minute >= kill.minute)
        : undefined;
      const dead =
        kill !== undefined && point.minute > kill.minute && (!restart || point.minute < restart.minute);
      const survives = kill !== undefined && point.value.value > previous.value.value * 0.9;
      const second = /\b(?:after|post|before|pre)[- ]?(?:the )?(?:restart|kill|deploy|oom)\b/i.test(
        point.note,
      )
        ? quantitiesOf(point.note)[0]
        : undefined;
      if (!(dead && (second || survives)) && !(second && second.value < point.value.value * 0.7) && !survives)
        continue;
      const reasons = [
        ...(kill
          ? [
              `the process was killed at ${clockText(kill.minute)} (line ${kill.line})${restart ? ` and started again at ${clockText(restart.minute)} (line ${restart.line})` : ''}`,
            ]
          : []),
        ...(second ? [`it has a second value, ${digits(second.value)}, of another process`] : []),
      ];
      if (reasons.length === 0) continue;
      claims.push({
        text: document.lines[point.line - 1]?.raw.trim() ?? name,
        line: point.line,
        ...(kill ? { alsoLines: [kill.line, ...(restart ? [restart.line] : [])] } : {}),
        verdict: 'contradicted',
        because: `The row for ${clockText(point.minute)} mixes processes: ${reasons.join('; ')}. Cut the series at the restart.`,
        check: 'rows-mix-processes',
      });
    }
  }
  return claims;
}

/** "After just 13 minutes" between two entries of a timeline. */
export function checkTimelineDurations({ events }: Facts): Claim[] {
  const claims: Claim[] = [];
  for (const event of events) {
    const duration = quantitiesOf(event.text).find(
      ({ dimension, start }) =>
        dimension === 'time' && /\bafter\s+(?:just|only|about|~)?\s*$/i.test(event.text.slice(0, start)),
    );
    if (!duration || !/\b(?:uptime|up|restart)\b/i.test(event.text)) continue;
    const start = events.findLast(({ kind, minute }) => kind === 'restart' && minute < event.minute);
    if (!start) continue;
    const minutes = event.minute - start.minute;
    const holds = minutes * 60_000 >= duration.low - 60_000 && minutes * 60_000 <= duration.high + 60_000;
    claims.push({
      text: event.text,
      line: event.line,
      alsoLines: [start.line],
      verdict: holds ? 'holds' : 'contradicted',
      because: holds
        ? 'The timeline gives the same time.'
        : `By the timeline ${durationText(minutes)} passed.`,
      arithmetic: `${clockText(event.minute)} − ${clockText(start.minute)} = ${durationText(minutes)}`,
      check: 'timeline-duration',
    });
  }
  return claims;
}

/** "Top 10" above three rows. */
export function checkPromisedRows({ document }: Facts): Claim[] {
  const claims: Claim[] = [];
  for (const block of document.blocks) {
    for (const [at, line] of block.lines.entries()) {
      const promised = /\btop (\d{1,3})\b/i.exec(line.text);
      if (!promised || line.kind === 'heading' || /`|\$|--|\(\d+\)|take/.test(line.text)) continue;
      const own = block.lines.slice(at + 1);
      const list = own.length > 0 ? own : (document.blocks[document.blocks.indexOf(block) + 1]?.lines ?? []);
      const numbered = list.filter(({ text, raw }) =>
        /^\s*\d{1,3}[.)]\s/.test(block.kind === 'code' ? text : raw),
      );
      if (numbered.length < 2) continue;
      const count = Number(promised[1]);
      claims.push({
        text: line.text.trim(),
        line: line.number,
        verdict: numbered.length === count ? 'holds' : 'contradicted',
        because: `It lists ${numbered.length} of ${count}.`,
        check: 'promised-rows',
      });
    }
  }
  return claims;
}

const LOAD_FREE =
  /\b(?:regardless of|independent(?:ly)? of|not? (?:related|tied|correlated?) (?:to|with)|irrespective of|no matter)\b[^.]{0,30}\b(?:load|traffic|requests?|volume|users|usage)\b/i;
const PER_OPERATION =
  /\b(?:every|each|per)\s+(?!other|month|week|day|hour|minute|second|pod|worker|instance|time\b|\d)([a-z][\w-]*(?:\s[a-z][\w-]*)?)\s+(?:adds?|creates?|starts?|spawns?|leaks?|allocates?|registers?|opens?|that|who|which|receives?|gets?)\b/i;

/** "Regardless of load" beside causes that are made per request. */
export function checkLoadIndependence({ statements, rates, tables, memory, counters }: Facts): Claim[] {
  const claims: Claim[] = [];
  const said = statements
    .flatMap(({ sentences, kind }) => (kind === 'heading' ? [] : sentences))
    .filter(({ text }) => LOAD_FREE.test(text));
  if (said.length === 0) return claims;
  const perOperation = statements
    .flatMap(({ sentences }) => sentences)
    .filter(({ text }) => PER_OPERATION.test(text) && !LOAD_FREE.test(text));
  const operations = counters.filter(({ perHour }) => perHour !== null);
  const accused = tables
    .filter(({ retained }) => !retained)
    .flatMap(({ rows }) => rows)
    .flatMap((row) => {
      const operation = operations.find(({ name }) =>
        stems(name).some((stem) => stem.length > 3 && !GENERIC.test(stem) && stems(row.name).includes(stem)),
      );
      return operation ? [{ row, operation }] : [];
    });
  const values = memory.slopes.map(({ perHour }) => perHour.value);
  const uneven = values.length > 2 && Math.max(...values) > 1.3 * Math.min(...values);
  for (const { text, line } of said) {
    const reasons = [
      ...perOperation
        .slice(0, 2)
        .map((each) => `line ${each.line} has it per operation ("${each.text.slice(0, 70)}")`),
      ...accused
        .slice(0, 3)
        .map(
          ({ row, operation }) =>
            `line ${row.line} accuses ${row.name.split('/').at(-1)}, which runs with "${operation.name}" (line ${operation.line})`,
        ),
    ];
    if (reasons.length > 0)
      claims.push({
        text,
        line,
        alsoLines: [...perOperation.map((each) => each.line), ...accused.map(({ row }) => row.line)],
        verdict: 'contradicted',
        because: `A leak per operation cannot ignore the load, and ${reasons.join('; ')}.${uneven ? ' The growth is not even either.' : ''}`,
        check: 'load-independence',
      });
    else
      claims.push({
        text,
        line,
        verdict: 'cannot-tell',
        because: `The text has no numbers of load beside those of memory${rates.length > 0 ? ' over the same time' : ''}; compare their differences, not their levels.`,
        check: 'load-independence',
      });
  }
  return claims;
}

const GENERIC = /^(?:start|complet|initiat|finish|operation|service|internal|request|server|total|active)$/;

function stems(name: string): string[] {
  return name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .map((word) => word.replace(/(?:e?s|ed|ing)$/, ''));
}
