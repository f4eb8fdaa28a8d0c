import type { ByteSource } from '../../base/byte-source.ts';
import { FormatError } from '../../base/errors.ts';
import { F64List } from '../../base/f64-list.ts';
import { breathe, type LongCall } from '../../base/progress.ts';
import { type DatedEvent, eventStreamFrom } from '../../model/event-stream.ts';
import { type Labels, type Series, type SeriesSet, seriesFrom } from '../../model/series.ts';
import { type UnitScale, unitOfName } from '../../model/series-unit.ts';
import { headOf } from './heads.ts';
import { delimiterOf, parseCell, splitRow, utf8Bytes } from './rows.ts';
import { isDated, type TimeOfRow, timeOfRow } from './time-of-row.ts';

/**
 * Above this a table is thinned out by keeping the lowest sample of neighbours. So many samples are 64 MB of numbers, and up to four times
 * that while lists grow and series are made of them: 10 million rows of two columns were read in a process of 420 MB.
 */
const MOST_SAMPLES = 4_000_000;
const BREATHE_EVERY_ROWS = 200_000;
const MAX_LINE_BYTES = 1 << 20;
const LABEL_HEADS =
  /^(pod|container|instance|host|node|name|service|job|replica|process|pid|worker|namespace|app|version|labels?)$/i;
const EVENT_HEADS = /^(events?|notes?|comment|deploy|message|remark)$/i;

/** How a table is read. */
export interface CsvOptions extends LongCall {
  /** Keep rows before this time out, milliseconds since 1970. */
  sinceMs?: number | undefined;
  /** Samples held at once, of all columns (4 million); of a longer table the lower of neighbours stay. */
  mostSamples?: number | undefined;
}

/**
 * Reads a table of numbers over time: a head line, a column of times (ISO 8601, epoch seconds, milliseconds, micro- or nanoseconds, time since
 * the beginning, or the time of day), one series for each other column. Columns of words (`pod`, `instance`) become labels and part the rows into
 * series of their own, labels in a head (`rss{pod="a"}`) those of its series; a column `event` becomes dated events. Rows may come in any
 * order where they are dated; cells that are empty or `NaN` are gaps.
 *
 * @throws FormatError with the byte offset when there is no head line, or no row with a time
 * @example
 * import { openFile, readCsv } from 'stanch';
 *
 * const { series } = await readCsv(openFile('memory.csv'));
 * for (const { name, values } of series) process.stdout.write(`${name}: ${values.length} samples\n`);
 */
export async function readCsv(source: ByteSource, options: CsvOptions = {}): Promise<SeriesSet> {
  const { sinceMs = Number.NEGATIVE_INFINITY, mostSamples = MOST_SAMPLES } = options;
  const table = new Table(source.name, sinceMs, mostSamples);
  let rows = 0;
  for await (const { text, offset } of linesOf(source)) {
    table.line(text, offset);
    if (++rows % BREATHE_EVERY_ROWS === 0) {
      options.onProgress?.('read', offset, source.sizeBytes ?? 0);
      await breathe(options.signal);
    }
  }
  return table.end();
}

async function* linesOf(source: ByteSource): AsyncGenerator<{ text: string; offset: number }> {
  const decoder = new TextDecoder();
  let rest = '';
  let offset = 0;
  for await (const chunk of source.chunks()) {
    const text = rest + decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      yield { text: text.slice(from, end), offset };
      offset += utf8Bytes(text.slice(from, end)) + 1;
      from = end + 1;
    }
    rest = text.slice(from);
    if (rest.length > MAX_LINE_BYTES) {
      throw new FormatError({
        file: source.name,
        offset,
        expected: 'a line feed',
        found: 'a line of over 1 MB',
      });
    }
  }
  rest += decoder.decode();
  if (rest !== '') yield { text: rest, offset };
}

interface Column {
  readonly name: string;
  /** Of this column alone, from its head. */
  readonly labels: Labels;
  readonly kind: 'number' | 'label' | 'event' | 'skip';
  readonly unit: UnitScale | null;
}

interface Group {
  readonly labels: Labels;
  readonly times: F64List[];
  readonly values: F64List[];
}

class Table {
  private columns: Column[] | null = null;
  private heads: string[] | null = null;
  private time: TimeOfRow | null = null;
  private delimiter = ',';
  private points = 0;
  private thinned = false;
  private badRows = 0;
  private firstBad: { offset: number; found: string } | null = null;
  private readonly groups = new Map<string, Group>();
  private readonly cellUnits = new Map<number, string>();
  private readonly mixedUnits = new Set<number>();
  private readonly events: DatedEvent[] = [];
  private readonly notes: string[] = [];

  constructor(
    private readonly file: string,
    private readonly sinceMs: number,
    private readonly mostSamples: number,
  ) {}

  line(raw: string, offset: number): void {
    const text = (offset === 0 ? raw.replace(/^\ufeff/, '') : raw).replace(/\r$/, '');
    if (text.trim() === '' || text.startsWith('#')) return;
    if (this.heads === null) {
      this.head(text, offset);
      return;
    }
    const cells = splitRow(text, this.delimiter);
    this.time ??= timeOfRow(this.heads, cells);
    const time = this.time?.read(cells) ?? Number.NaN;
    if (Number.isNaN(time)) {
      this.badRows++;
      const [at = 0] = this.time?.columns ?? [];
      this.firstBad ??= { offset, found: (cells[at] ?? '').slice(0, 40) };
      return;
    }
    this.columns ??= this.columnsBy(cells);
    if (time < this.sinceMs) return;
    this.row(time, cells);
  }

  private head(text: string, offset: number): void {
    const delimiter = delimiterOf(text);
    const heads = delimiter === null ? [] : splitRow(text, delimiter);
    if (delimiter === null || heads.every((head) => !Number.isNaN(parseCell(head).value) || isDated(head))) {
      throw new FormatError({
        file: this.file,
        offset,
        expected: "a head line, as 'time,memory_bytes'",
        found: delimiter === null ? 'a line of one cell' : 'numbers',
        hint: 'put the names of the columns on the first line, as time,memory_bytes',
      });
    }
    this.delimiter = delimiter;
    this.heads = heads;
  }

  /** The first row tells which columns hold words. */
  private columnsBy(cells: readonly string[]): Column[] {
    const seen = new Map<string, number>();
    return this.heads!.map((head, at) => {
      const count = (seen.get(head) ?? 0) + 1;
      seen.set(head, count);
      if (count > 1)
        this.notes.push(
          `the column '${head}' comes ${count} times: the later one is called '${head}#${count}'`,
        );
      const { name: plain, labels } = headOf(head);
      const name = count > 1 ? `${plain}#${count}` : plain === '' ? `column ${at + 1}` : plain;
      if (this.time!.columns.has(at)) return { name, labels, kind: 'skip', unit: null };
      if (EVENT_HEADS.test(head)) return { name, labels, kind: 'event', unit: null };
      const cell = cells[at] ?? '';
      const isWord =
        cell !== '' &&
        Number.isNaN(parseCell(cell).value) &&
        !/^(nan|null|none|n\/?a|-+|[+-]?inf(inity)?)$/i.test(cell);
      if (LABEL_HEADS.test(head) || isWord) return { name, labels, kind: 'label', unit: null };
      return { name, labels, kind: 'number', unit: unitOfName(plain) };
    });
  }

  private row(time: number, cells: readonly string[]): void {
    const columns = this.columns!;
    const group = this.groupOf(cells, columns);
    for (let at = 0; at < columns.length; at++) {
      const cell = cells[at] ?? '';
      const { kind, unit } = columns[at]!;
      if (cell === '' || kind === 'label' || kind === 'skip') continue;
      if (kind === 'event') {
        this.events.push({ atMs: time, kind: eventKind(cell), text: cell, labels: group.labels });
        continue;
      }
      const parsed = parseCell(cell);
      if (!Number.isFinite(parsed.value)) continue;
      const scale = parsed.unit === '' ? unit : (unitOfName(parsed.unit) ?? unit);
      this.noteUnit(at, parsed.unit);
      group.times[at]!.push(time);
      group.values[at]!.push(parsed.value * (scale?.scale ?? 1));
      this.points++;
    }
    if (this.points > this.mostSamples) this.thin();
  }

  private noteUnit(at: number, written: string): void {
    if (written === '') return;
    const before = this.cellUnits.get(at);
    if (before === undefined) this.cellUnits.set(at, written);
    else if (before !== written) this.mixedUnits.add(at);
  }

  private groupOf(cells: readonly string[], columns: readonly Column[]): Group {
    let key = '';
    columns.forEach(({ kind }, at) => {
      if (kind === 'label') key += `${cells[at] ?? ''}\u0000`;
    });
    const known = this.groups.get(key);
    if (known) return known;
    const labels: Record<string, string> = {};
    columns.forEach(({ kind, name }, at) => {
      if (kind === 'label' && cells[at]) labels[name] = cells[at];
    });
    const group = {
      labels,
      times: columns.map(() => new F64List()),
      values: columns.map(() => new F64List()),
    };
    this.groups.set(key, group);
    return group;
  }

  /** Halves every column: of two neighbours the lower one stays, since the floor is what counts. */
  private thin(): void {
    this.thinned = true;
    this.points = 0;
    for (const { times, values } of this.groups.values()) {
      times.forEach((list, at) => {
        const oldTimes = list.view().slice();
        const oldValues = values[at]!.view().slice();
        list.length = 0;
        values[at]!.length = 0;
        for (let from = 0; from < oldTimes.length; from += 2) {
          const lower =
            from + 1 < oldTimes.length && oldValues[from + 1]! < oldValues[from]! ? from + 1 : from;
          list.push(oldTimes[lower]!);
          values[at]!.push(oldValues[lower]!);
        }
        this.points += list.length;
      });
    }
  }

  end(): SeriesSet {
    const columns = this.columns;
    if (columns === null) throw this.nothing();
    if (this.badRows > 0) {
      this.notes.push(
        `${this.badRows} rows have no time that can be read and were left out, the first at byte ${this.firstBad!.offset}`,
      );
    }
    if (this.thinned)
      this.notes.push('the table is very long: of neighbouring samples the lower one was kept');
    for (const at of this.mixedUnits) {
      this.notes.push(
        `the column '${columns[at]!.name}' mixes units: each value was taken in the unit written behind it`,
      );
    }
    const series: Series[] = [];
    for (const { labels, times, values } of this.groups.values()) {
      columns.forEach(({ kind, name, labels: own, unit }, at) => {
        if (kind !== 'number' || times[at]!.length === 0) return;
        const written = unitOfName(this.cellUnits.get(at) ?? '');
        series.push(
          seriesFrom(
            {
              name,
              labels: { ...labels, ...own },
              unit: unit?.unit ?? written?.unit ?? null,
              kind: /(_total|_count|_sum)$/i.test(name) ? 'counter' : 'unknown',
              source: this.file,
            },
            times[at]!.view(),
            values[at]!.view(),
          ),
        );
      });
    }
    const events = this.events.length > 0 ? [eventStreamFrom(this.file, this.events)] : [];
    return { series, events, notes: this.notes };
  }

  private nothing(): FormatError {
    return new FormatError({
      file: this.file,
      offset: this.firstBad?.offset ?? 0,
      expected: 'a row with a time (ISO 8601, epoch, or the time of day)',
      found: this.firstBad ? `'${this.firstBad.found}'` : 'no row',
    });
  }
}

function eventKind(text: string): DatedEvent['kind'] {
  if (/oom/i.test(text)) return 'oom-kill';
  if (/restart|crash|killed/i.test(text)) return 'restart';
  if (/deploy|release|rollout|version|v\d+\.\d+/i.test(text)) return 'deploy';
  if (/scale/i.test(text)) return 'scale';
  return /limit/i.test(text) ? 'limit-change' : 'other';
}
