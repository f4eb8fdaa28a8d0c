import { type DatedEvent, type EventKind, eventStreamFrom } from '../../model/event-stream.ts';
import { type Series, seriesFrom } from '../../model/series.ts';
import { type Expectation, expectationOf } from './expectations.ts';
import { type MessageStage, stageOfMessage } from './lifecycle.ts';
import { readLine } from './line.ts';
import { Points } from './points.ts';
import type { GrowingNumber, LogReading } from './reading.ts';
import { SessionWatch } from './sessions.ts';
import { type LogTemplate, TemplateTree } from './templates.ts';
import { labelOf, type NumberToken, tokenize } from './tokens.ts';

interface NumberSeries {
  readonly label: string;
  readonly unit: NumberToken['unit'];
  readonly template: LogTemplate | null;
  readonly points: Points;
  readonly firstLine: number;
}

const MAX_SERIES = 2000;
const MAX_EVENTS = 20_000;
const MAX_EXPECTATIONS = 1000;
/** Numbers that name a thing instead of measuring one. */
const NAMES_A_THING =
  /(?:^|[\s._-])(?:id|pid|tid|port|line|lineno|code|status|seq|sequence|offset|version|shard|uid|gid|attempt|page|user|account|order|invoice|number|no|#)s?$|(?:Id|ID)$/;
const EVENTS: readonly [EventKind, RegExp][] = [
  [
    'oom-kill',
    /\bOOM-?[Kk]ill|Out of memory: Kill|oom-kill:|OOMKilled|JavaScript heap out of memory|MemoryError\b/,
  ],
  [
    'deploy',
    /\b(?:deploy(?:ed|ing|ment)|releas(?:ed|ing)|rolled out|rollout)\b.{0,60}(?:v?\d+\.\d+|[\da-f]{7,}|complete|finished|started)/i,
  ],
  [
    'restart',
    /\b(?:restart(?:ed|ing)|booting|starting up|server started|listening on|application start(?:ed|ing)|shutting down|puma starting|booted)\b/i,
  ],
];

/** Takes lines one after the other and keeps bounded tallies of them. */
export class LogCollector {
  stamped = 0;
  private count = 0;
  private fromMs = Number.NaN;
  private toMs = Number.NaN;
  private dated = true;
  private lastMs = Number.NaN;
  private dayMs = 0;
  private readonly tree = new TemplateTree();
  private readonly sessions = new SessionWatch();
  private readonly numbers = new Map<string, NumberSeries>();
  private readonly expectations: Expectation[] = [];
  private readonly events: DatedEvent[] = [];
  private readonly stages = new Map<number, MessageStage>();
  private droppedSeries = 0;

  constructor(
    private readonly name: string,
    private readonly year: number,
  ) {}

  line(raw: string): void {
    this.count++;
    const text = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (text === '') return;
    const line = readLine(text, this.year);
    // Lines without a time go on with the message above: a stack trace. They count as lines, not as messages.
    if (Number.isNaN(line.atMs)) return;
    const atMs = this.timeOf(line.atMs, line.dated);
    this.stamped++;
    const { masked, numbers } = tokenize(line.message);
    const template = this.tree.add(masked, atMs);
    for (const number of numbers) this.number(`${template.id}:${number.slot}`, number, template, atMs);
    for (const [field, value] of line.fields)
      if (typeof value === 'number')
        this.number(
          `f:${line.message.slice(0, 60)}:${field}`,
          {
            slot: field,
            value,
            unit: unitOfField(field),
            text: `${field}=`,
            at: field.length + 1,
            end: field.length + 1,
          },
          template,
          atMs,
        );
    this.sessions.see(line.message, line.fields, this.stageOf(template, line.message), atMs, this.count);
    const expectation = expectationOf(line.message, this.count, atMs);
    if (expectation && this.expectations.length < MAX_EXPECTATIONS) this.expectations.push(expectation);
    for (const [kind, sign] of EVENTS) {
      if (!sign.test(line.message) || this.events.length >= MAX_EVENTS) continue;
      this.events.push({ atMs, kind, text: line.message.slice(0, 300) });
      break;
    }
  }

  finish(): LogReading {
    const series: Series[] = [];
    const growing: GrowingNumber[] = [];
    const names = new Map<string, number>();
    for (const { label, unit, template, points, firstLine } of this.numbers.values()) {
      if (points.seen < 2 || NAMES_A_THING.test(label)) continue;
      const copies = names.get(label) ?? 0;
      names.set(label, copies + 1);
      const name = label === '' ? (template?.tokens.join(' ') ?? 'number') : label;
      const { times, values } = points.finish();
      const onlyGrows = points.falls === 0 && points.rises >= 2;
      series.push(
        seriesFrom(
          {
            name,
            labels: copies === 0 ? {} : { copy: String(copies) },
            unit,
            kind: 'gauge',
            source: this.name,
          },
          times,
          values,
        ),
      );
      const hours = (times.at(-1)! - times[0]!) / 3_600_000;
      if (!onlyGrows || hours <= 0) continue;
      const [from, to] = [values[0]!, values.at(-1)!];
      growing.push({
        name,
        template: template?.tokens.join(' ') ?? '',
        from,
        to,
        points: points.seen,
        perHour: (to - from) / hours,
        firstLine,
      });
    }
    const notes =
      this.droppedSeries > 0
        ? [`${this.droppedSeries} numbers beyond the first ${MAX_SERIES} were left out`]
        : [];
    return {
      series,
      events: this.events.length > 0 ? [eventStreamFrom(this.name, this.events)] : [],
      notes,
      lines: this.count,
      stamped: this.stamped,
      fromMs: this.fromMs,
      toMs: this.toMs,
      dated: this.dated,
      templates: this.tree.templates
        .toSorted((a, b) => b.count - a.count)
        .map(({ tokens, count, firstMs, lastMs }) => ({ text: tokens.join(' '), count, firstMs, lastMs })),
      growing: growing.sort((a, b) => b.to / Math.max(1, b.from) - a.to / Math.max(1, a.from)),
      expectations: this.expectations,
      lateActivity: this.sessions.late,
      openClose: [...this.sessions.balances.values()]
        .filter(({ opened }) => opened > 0)
        .sort((a, b) => b.opened - b.closed - (a.opened - a.closed)),
    };
  }

  /** A clock without a date passes midnight when it jumps back by hours. */
  private timeOf(atMs: number, dated: boolean): number {
    let time = atMs;
    if (!dated) {
      this.dated = false;
      if (time + this.dayMs < this.lastMs - 12 * 3_600_000) this.dayMs += 86_400_000;
      time += this.dayMs;
    }
    this.lastMs = time;
    if (!(this.fromMs <= time)) this.fromMs = time;
    if (!(this.toMs >= time)) this.toMs = time;
    return time;
  }

  /** One template never holds both openings and closings, so its first message tells for all. */
  private stageOf(template: LogTemplate, message: string): MessageStage {
    let stage = this.stages.get(template.id);
    if (!stage) {
      stage = stageOfMessage(message);
      if (template.id >= 0) this.stages.set(template.id, stage);
    }
    return stage;
  }

  private number(key: string, number: NumberToken, template: LogTemplate, atMs: number): void {
    let held = this.numbers.get(key);
    if (!held) {
      if (this.numbers.size >= MAX_SERIES) {
        this.droppedSeries++;
        return;
      }
      held = {
        label: labelOf(number),
        unit: number.unit,
        template,
        points: new Points(),
        firstLine: this.count,
      };
      this.numbers.set(key, held);
    }
    held.points.add(atMs, number.value);
  }
}

function unitOfField(field: string): NumberToken['unit'] {
  if (/bytes$|_b$/i.test(field)) return 'bytes';
  return /(?:seconds|_s)$/i.test(field) ? 'seconds' : 'count';
}
