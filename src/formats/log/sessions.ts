import type { MessageStage } from './lifecycle.ts';

/** A thing that still shows activity after its end. */
export interface LateActivity {
  /** `session`, `socket`: the name of the field. */
  readonly kind: string;
  readonly id: string;
  readonly endedMs: number;
  readonly endLine: number;
  readonly endText: string;
  lateCount: number;
  readonly firstLateMs: number;
  readonly firstLateLine: number;
  readonly firstLateText: string;
  lastLateMs: number;
}

/** How often things of one name were opened and closed. */
export interface OpenClose {
  readonly about: string;
  opened: number;
  closed: number;
  /** Time and line of the first opening. */
  readonly firstLine: number;
  firstMs: number;
  lastMs: number;
}

interface Life {
  endedMs: number;
  endLine: number;
  endText: string;
  late: LateActivity | null;
}

const ID = /(?<![\w.-])([A-Za-z][\w.-]{0,40})(?:=|: ?)["']?([A-Za-z0-9][\w:.-]{2,63})["']?(?![\w=])/g;
const ID_KEY =
  /(?:^|[_.-])(?:id|session|socket|sock|conn|connection|client|stream|upload|job|task|request|req|user|worker|channel|subscription|handle|txn|transaction|trace|span|sid|uid|uuid|key)$|(?:Id|ID)$/i;
const MAX_IDS = 200_000;
/** What belongs to the end itself often follows within the same second. */
const GRACE_MS = 1000;

/** Watches things with an id from their end on, and counts openings against closings. */
export class SessionWatch {
  readonly late: LateActivity[] = [];
  readonly balances: Map<string, OpenClose> = new Map();
  private readonly lives = new Map<string, Life>();

  see(
    message: string,
    fields: readonly (readonly [string, string | number])[],
    { stage, about }: MessageStage,
    atMs: number,
    line: number,
  ): void {
    if (stage !== null && about !== '') this.count(about, stage, atMs, line);
    if (Number.isNaN(atMs)) return;
    for (const [kind, id] of idsOf(message, fields)) this.touch(kind, id, stage, atMs, line, message);
  }

  private count(about: string, stage: 'open' | 'close', atMs: number, line: number): void {
    let balance = this.balances.get(about);
    if (!balance) {
      if (this.balances.size >= 5000) return;
      balance = { about, opened: 0, closed: 0, firstLine: line, firstMs: atMs, lastMs: atMs };
      this.balances.set(about, balance);
    }
    if (stage === 'open') balance.opened++;
    else balance.closed++;
    balance.lastMs = atMs;
  }

  private touch(
    kind: string,
    id: string,
    stage: 'open' | 'close' | null,
    atMs: number,
    line: number,
    text: string,
  ): void {
    const key = `${kind}\u0001${id}`;
    const life = this.lives.get(key);
    // Ids are used again: an opening begins a new life.
    if (stage === 'open') {
      this.lives.delete(key);
      return;
    }
    if (stage === 'close') {
      if (this.lives.size >= MAX_IDS) this.lives.delete(this.lives.keys().next().value!);
      if (!life) this.lives.set(key, { endedMs: atMs, endLine: line, endText: text, late: null });
      return;
    }
    if (!life || atMs - life.endedMs < GRACE_MS) return;
    if (life.late) {
      life.late.lateCount++;
      life.late.lastLateMs = atMs;
      return;
    }
    life.late = {
      kind,
      id,
      endedMs: life.endedMs,
      endLine: life.endLine,
      endText: life.endText,
      lateCount: 1,
      firstLateMs: atMs,
      firstLateLine: line,
      firstLateText: text,
      lastLateMs: atMs,
    };
    if (this.late.length < 1000) this.late.push(life.late);
  }
}

function idsOf(message: string, fields: readonly (readonly [string, string | number])[]): [string, string][] {
  const ids: [string, string][] = [];
  for (const [name, value] of fields) if (ID_KEY.test(name)) ids.push([name, String(value)]);
  for (const match of message.matchAll(ID)) {
    if (ID_KEY.test(match[1]!) && /\d|[a-f]{6}/.test(match[2]!)) ids.push([match[1]!, match[2]!]);
  }
  return ids.slice(0, 4);
}
