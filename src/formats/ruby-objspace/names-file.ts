import type { ByteSource } from '../../base/byte-source.ts';
import type { ProcessFacts } from '../../model/heap-graph.ts';

/** An edge of the names file: `from` refers to `to` by this name. Addresses; `from` is 0 for globals. */
export interface NamedEdge {
  readonly kind: string;
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Where something is written; lines count from 1. */
export interface Written {
  readonly name: string | null;
  readonly file: string | null;
  readonly line: number;
  readonly locals: readonly string[];
}

/** What the agent wrote beside a dump (docs/agents/ruby-names.md). */
export interface RubyNames {
  readonly file: string;
  readonly process: ProcessFacts | null;
  readonly valuesLeftOut: boolean;
  readonly edges: readonly NamedEdge[];
  /** Classes and modules by address. */
  readonly classes: ReadonlyMap<number, Written>;
  /** Procs and methods by address. */
  readonly procs: ReadonlyMap<number, Written>;
  /** Addresses of the threads that lived in the service; in the forked child that was dumped no root holds them. */
  readonly threads: readonly number[];
  /** Names of instance variables or Struct members by address of the class. */
  readonly layouts: ReadonlyMap<number, readonly string[]>;
  /** Lines that could not be understood. */
  readonly unreadable: number;
  /** False when the last line is missing or says that the agent ran out of its budget. */
  readonly complete: boolean;
}

const SCHEMA = /^stanch\/ruby-names@1$/;
const MAX_LINE_CHARS = 1 << 24;

type Line = Readonly<Record<string, unknown>>;

/** Reads a names file. Lines that make no sense are passed over and counted; null when it is no names file at all. */
export async function readNames(source: ByteSource): Promise<RubyNames | null> {
  const edges: NamedEdge[] = [];
  const classes = new Map<number, Written>();
  const procs = new Map<number, Written>();
  const layouts = new Map<number, readonly string[]>();
  const threads: number[] = [];
  let head: Line | null = null;
  let complete = false;
  let unreadable = 0;

  const take = (text: string): void => {
    if (text.trim() === '') return;
    let line: Line;
    try {
      line = JSON.parse(text) as Line;
    } catch {
      unreadable++;
      return;
    }
    if (line === null || typeof line !== 'object') {
      unreadable++;
      return;
    }
    switch (line['t']) {
      case 'head':
        if (SCHEMA.test(textOf(line['schema']) ?? '')) head ??= line;
        return;
      case 'edge': {
        const to = addressOf(line['to']);
        const from = addressOf(line['from']);
        const name = textOf(line['name']);
        const kind = textOf(line['kind']);
        if (to === 0 || name === null || kind === null || (from === 0 && kind !== 'global')) unreadable++;
        else edges.push({ kind, name, from, to });
        return;
      }
      case 'class':
      case 'proc': {
        const at = addressOf(line['at']);
        if (at === 0) unreadable++;
        else (line['t'] === 'class' ? classes : procs).set(at, written(line));
        return;
      }
      case 'layout': {
        const at = addressOf(line['class']);
        if (at === 0) unreadable++;
        // A Struct may have variables beside its members: those come first, in whatever number.
        else if (!layouts.has(at)) layouts.set(at, texts(line['members'] ?? line['ivars']));
        return;
      }
      case 'thread': {
        const at = addressOf(line['at']);
        if (at === 0) unreadable++;
        else threads.push(at);
        return;
      }
      case 'end':
        complete = line['complete'] !== false;
    }
  };

  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of source.chunks()) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop()!;
    if (rest.length > MAX_LINE_CHARS) return null;
    for (const line of lines) take(line);
    if (head === null && lines.length > 0) return null;
  }
  take(rest);
  if (head === null) return null;
  return {
    file: source.name,
    process: processFacts(head),
    valuesLeftOut: (head as Line)['valuesLeftOut'] === true,
    edges,
    classes,
    procs,
    threads,
    layouts,
    unreadable,
    complete,
  };
}

function processFacts(head: Line): ProcessFacts {
  const off = head['gcDisabled'];
  return {
    pid: numberOf(head['pid']),
    at: textOf(head['at']),
    version: textOf(head['ruby']),
    rssBytes: numberOf(head['rss']),
    rssAfterTrimBytes: numberOf(head['rssAfterTrim']),
    allocator: textOf(head['allocator']),
    settings: texts(head['settings']),
    collects: typeof off === 'boolean' ? !off : null,
  };
}

function written(line: Line): Written {
  return {
    name: textOf(line['name']),
    file: textOf(line['file']),
    line: numberOf(line['line']) ?? 0,
    locals: texts(line['locals']),
  };
}

function addressOf(value: unknown): number {
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{1,16}$/.test(value)) return 0;
  return Number(value);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
