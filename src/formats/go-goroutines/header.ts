import {
  GOROUTINE_BUBBLE,
  GOROUTINE_DURABLE,
  GOROUTINE_LEAKED,
  GOROUTINE_LOCKED,
  GOROUTINE_SCAN,
  type GoroutineLabel,
} from '../../model/goroutines.ts';
import { parseLabels } from './labels.ts';

/** What a header says behind the id. */
export interface HeaderState {
  readonly state: string;
  readonly waitMinutes: number;
  readonly flags: number;
  readonly labels: readonly GoroutineLabel[];
}

/** Only these are taken off: wait reasons have brackets of their own, as `select (no cases)`. */
const MARKS: Readonly<Record<string, number>> = {
  ' (leaked)': GOROUTINE_LEAKED,
  ' (scan)': GOROUTINE_SCAN,
  ' (durable)': GOROUTINE_DURABLE,
};

/**
 * The header from the bracket on: `[STATE[ (leaked)][ (scan)][ (durable)][, N minutes][, locked to thread][, synctest bubble N]
 * [ labels:{…}]][ {…}]:`. Labels stand inside the brackets in Go 1.26 and behind them in 1.27. Null when it is no such
 * thing; a state that is not known is kept as it is.
 */
export function parseHeaderState(text: string): HeaderState | null {
  if (!text.startsWith('[') || !text.endsWith(':')) return null;
  let labels: readonly GoroutineLabel[] = [];
  let inside: string;
  const inner = /^\[([^[\]{}"]*) labels:(\{.*\})\]:$/.exec(text);
  const outer = /^\[([^[\]{}"]*)\] (\{.*\}):$/.exec(text);
  if (inner ?? outer) {
    const match = (inner ?? outer)!;
    inside = match[1]!;
    const parsed = parseLabels(match[2]!);
    if (parsed === null) return null;
    labels = parsed;
  } else {
    if (!text.endsWith(']:')) return null;
    inside = text.slice(1, -2);
  }
  if (inside === '' || inside.includes(']')) return null;
  const parts = inside.split(', ');
  let state = parts[0]!;
  let flags = 0;
  let waitMinutes = 0;
  for (const part of parts.slice(1)) {
    const minutes = /^(\d+) minutes$/.exec(part);
    if (minutes) waitMinutes = Math.min(0xffffffff, Number(minutes[1]));
    else if (part === 'locked to thread') flags |= GOROUTINE_LOCKED;
    else if (/^synctest (?:bubble|group) \d+$/.test(part)) flags |= GOROUTINE_BUBBLE;
    else state += `, ${part}`;
  }
  for (let mark = markAtEnd(state); mark !== null; mark = markAtEnd(state)) {
    flags |= MARKS[mark]!;
    state = state.slice(0, -mark.length);
  }
  return { state, waitMinutes, flags, labels };
}

function markAtEnd(state: string): string | null {
  return Object.keys(MARKS).find((mark) => state.endsWith(mark) && state.length > mark.length) ?? null;
}
