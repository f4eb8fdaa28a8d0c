import type { FindingLocation } from '../../model/finding.ts';
import type { GoFrame } from '../../model/goroutines.ts';
import type { GoCode, GoFunction } from './go-code.ts';

/** What the source says about a goroutine's wait. */
export interface WaitReading {
  /**
   * `runs-on` a loop that wakes by itself and has no way out · `waits-on` it waits and nothing of its own ends it ·
   * `needs-cancel` its way out is a context that nobody cancels · `ends` there is a way out that the code uses ·
   * `queue` a worker that takes what comes over a channel, until it is closed.
   */
  readonly kind: 'runs-on' | 'waits-on' | 'needs-cancel' | 'ends' | 'queue';
  readonly why: string;
  /** The line that it waits at, in the checkout. */
  readonly waitsAt: FindingLocation;
  readonly alsoSee: readonly FindingLocation[];
}

const TIMED = /<-\s*(?:time\.(?:After|Tick)\(|[\w.[\]()]+\.C\b)|\brange\s+(?:time\.Tick\(|[\w.[\]()]+\.C\b)/;
const DONE = /<-\s*(?:[\w.]+\([^)]*\)\.|[\w.]+\.)?Done\(\)/;
const STOP = /<-\s*(?:[\w.]*\.)?(\w*(?:stop|done|quit|exit|clos|shutdown|cancel|halt|kill)\w*)\b/i;
const LEAVES = /\b(?:return|break\s+\w+|goto\s+\w+|os\.Exit|runtime\.Goexit|panic\()/;

/** Reads the line that goroutines wait at and what is around it. Null when it is not in the checkout or tells nothing. */
export function readWait(code: GoCode, blame: GoFrame, creation: GoFrame | null): WaitReading | null {
  const file = code.matcher.fileFor(blame.file);
  if (file === null) return null;
  const fn = code.functionAround(file, blame.line);
  if (fn === null) return null;
  const waitsAt: FindingLocation = { file, line: blame.line, role: 'holds' };
  const text = code.line(file, blame.line);
  const select = code.blockAround(fn, blame.line, /^\s*select\s*$/);
  if (select) return readSelect(code, fn, select, waitsAt, creation);
  const loop = code.blockAround(fn, blame.line, /^\s*(?:\w+:\s*)?for\b/);
  if (TIMED.test(text) || (loop && TIMED.test(code.line(file, loop.firstLine)))) {
    return readTimedLoop(code, fn, loop, waitsAt);
  }
  if (/\btime\.Sleep\(/.test(text) && loop) return readTimedLoop(code, fn, loop, waitsAt);
  const ranged = /\bfor\b.*\brange\s+([\w.]+(?:\(\))?)/.exec(text)?.[1];
  if (ranged) return readRange(code, fn, ranged, waitsAt);
  if (DONE.test(text)) return readContext(code, fn, waitsAt, creation, 'it waits for its context');
  return readPlainWait(code, fn, text, waitsAt);
}

function readTimedLoop(
  code: GoCode,
  fn: GoFunction,
  loop: GoFunction | null,
  waitsAt: FindingLocation,
): WaitReading | null {
  if (loop === null) return null;
  const body = code.lines(fn.file, loop.firstLine, loop.lastLine);
  const out = body.findIndex((line) => LEAVES.test(line) || /^\s*break\s*$/.test(line));
  const head = (body[0] ?? '').trim().replace(/\s*\{.*$/, '');
  const conditional = /^for\s+(?!range\b)[^;{]+$/.test(head) && !/:=\s*range|=\s*range/.test(head);
  const alsoSee = tickersNotStopped(code, fn);
  if (out >= 0 || conditional) {
    return {
      kind: 'ends',
      why: `the loop can end (line ${loop.firstLine + Math.max(0, out)}), but a timer drives it: see whether that is ever reached`,
      waitsAt,
      alsoSee,
    };
  }
  const unstopped =
    alsoSee.length > 0
      ? '; its ticker is never stopped'
      : /\.C\b/.test(head)
        ? '; stopping a ticker does not close its channel'
        : '';
  return {
    kind: 'runs-on',
    why: `\`${head}\` has no way out: it wakes at each tick for ever${unstopped}`,
    waitsAt,
    alsoSee,
  };
}

function readSelect(
  code: GoCode,
  fn: GoFunction,
  select: GoFunction,
  waitsAt: FindingLocation,
  creation: GoFrame | null,
): WaitReading | null {
  const cases = casesOf(code, select);
  if (cases.length === 0) return { kind: 'waits-on', why: '`select {}` never ends', waitsAt, alsoSee: [] };
  const loop = code.blockAround(fn, select.firstLine, /^\s*(?:\w+:\s*)?for\b/);
  const leaving = cases.filter(({ body }) => body.some((line) => LEAVES.test(line)));
  const done = cases.find(({ head }) => DONE.test(head));
  const timed = cases.some(({ head }) => TIMED.test(head));
  if (done && (leaving.includes(done) || loop === null)) {
    return readContext(
      code,
      fn,
      waitsAt,
      creation,
      `its way out is \`${done.head.trim()}\` (line ${done.line})`,
    );
  }
  if (loop === null) {
    if (timed) return { kind: 'ends', why: 'the select has a timeout', waitsAt, alsoSee: [] };
    return { kind: 'waits-on', why: 'the select has no timeout and no stop case', waitsAt, alsoSee: [] };
  }
  const stop = leaving.find(({ head }) => STOP.test(head)) ?? leaving[0];
  if (!stop) {
    return {
      kind: timed ? 'runs-on' : 'waits-on',
      why: `none of the ${cases.length} case${cases.length === 1 ? '' : 's'} of the select leaves the loop${timed ? ', and a timer wakes it for ever' : ''}: it has no stop case`,
      waitsAt,
      alsoSee: tickersNotStopped(code, fn),
    };
  }
  const channel = /<-\s*([\w.]+)/.exec(stop.head)?.[1];
  const name = channel?.split('.').pop();
  if (name && !TIMED.test(stop.head)) {
    const signal = new RegExp(`\\bclose\\(\\s*(?:[\\w.]+\\.)?${name}\\s*\\)|\\b${name}\\s*<-`);
    const used = code.matcher.search(signal, [fn.file]).filter(({ file }) => file.endsWith('.go'));
    const here = used.filter(({ file }) => folderOf(file) === folderOf(fn.file));
    if (here.length === 0) {
      return {
        kind: timed ? 'runs-on' : 'waits-on',
        why: `its stop case waits for \`${channel}\` (line ${stop.line}), and no line closes it or sends to it`,
        waitsAt,
        alsoSee: [{ file: fn.file, line: stop.line, role: 'should-remove' }],
      };
    }
    return {
      kind: 'ends',
      why: `it ends when \`${channel}\` is signalled (${here[0]!.file}:${here[0]!.line})`,
      waitsAt,
      alsoSee: here.slice(0, 2).map(({ file, line }) => ({ file, line, role: 'removes' as const })),
    };
  }
  return { kind: 'ends', why: `the loop can end (line ${stop.line})`, waitsAt, alsoSee: [] };
}

/** Follows a context to where the goroutine was started: a context that nobody can cancel is no way out. */
function readContext(
  code: GoCode,
  fn: GoFunction,
  waitsAt: FindingLocation,
  creation: GoFrame | null,
  what: string,
): WaitReading {
  const site = creation ? code.matcher.fileFor(creation.file) : null;
  const starter = site !== null ? code.functionAround(site, creation!.line, true) : null;
  const outer = code.functionAround(fn.file, fn.firstLine, true);
  const places = [starter, outer, fn].filter((place) => place !== null);
  for (const place of places) {
    const lines = code.lines(place.file, place.firstLine, place.lastLine);
    const at = lines.findIndex((line) => /\bcontext\.(?:Background|TODO)\(\)/.test(line) && !WITH.test(line));
    const made = lines.findIndex((line) => WITH.test(line));
    if (made >= 0) {
      const cancel = WITH.exec(lines[made]!)![1]!;
      const line = place.firstLine + made;
      const isDropped = cancel === '_';
      const uses = lines.filter((text, index) => index !== made && new RegExp(`\\b${cancel}\\b`).test(text));
      if (isDropped || uses.length === 0 || uses.every((text) => /^\s*_\s*=\s*/.test(text))) {
        return {
          kind: 'needs-cancel',
          why: `${what}, and its context is made at ${place.file}:${line} with the cancel function ${isDropped ? 'thrown away' : 'never called'}`,
          waitsAt,
          alsoSee: [{ file: place.file, line, role: 'should-remove' }],
        };
      }
      continue;
    }
    if (at >= 0) {
      return {
        kind: 'needs-cancel',
        why: `${what}, but the context is \`${/context\.\w+\(\)/.exec(lines[at]!)![0]}\` (${place.file}:${place.firstLine + at}), which nobody can cancel`,
        waitsAt,
        alsoSee: [{ file: place.file, line: place.firstLine + at, role: 'should-remove' }],
      };
    }
  }
  // The context comes from a caller: one that cannot be cancelled is written there.
  for (const { name } of places) {
    if (name === '') continue;
    const call = code.matcher
      .search(new RegExp(`\\b${name}\\(.*\\bcontext\\.(?:Background|TODO)\\(\\)`), [fn.file])
      .find(({ file, text }) => file.endsWith('.go') && !file.endsWith('_test.go') && !WITH.test(text));
    if (call) {
      return {
        kind: 'needs-cancel',
        why: `${what}, but ${call.file}:${call.line} passes a context that nobody can cancel`,
        waitsAt,
        alsoSee: [{ file: call.file, line: call.line, role: 'should-remove' }],
      };
    }
  }
  return { kind: 'ends', why: `${what}: it ends when that context is cancelled`, waitsAt, alsoSee: [] };
}

const WITH =
  /(?:\w+\s*,\s*)(\w+)\s*:?=\s*(?:context\.With(?:Cancel|Timeout|Deadline)\w*|signal\.NotifyContext)\(/;

function readRange(
  code: GoCode,
  fn: GoFunction,
  channel: string,
  waitsAt: FindingLocation,
): WaitReading | null {
  const name = channel.replace(/\(\)$/, '').split('.').pop()!;
  const closes = code.matcher
    .search(new RegExp(`\\bclose\\(\\s*(?:[\\w.]+\\.)?${name}\\s*\\)`), [fn.file])
    .filter(({ file }) => folderOf(file) === folderOf(fn.file));
  if (closes.length > 0) {
    return {
      kind: 'queue',
      why: `it takes what comes over \`${channel}\` until that is closed (${closes[0]!.file}:${closes[0]!.line})`,
      waitsAt,
      alsoSee: [{ file: closes[0]!.file, line: closes[0]!.line, role: 'removes' }],
    };
  }
  // A channel of a struct or of the package is shared by all workers; a local one belongs to this goroutine alone.
  const outer = code.functionAround(fn.file, fn.firstLine, true) ?? fn;
  const own = code
    .lines(fn.file, outer.firstLine, outer.lastLine)
    .some((line) => new RegExp(`\\b${name}\\s*(?::=|=)\\s*make\\(\\s*chan\\b`).test(line));
  if (!own)
    return {
      kind: 'queue',
      why: `it takes what comes over \`${channel}\`, which is not its own`,
      waitsAt,
      alsoSee: [],
    };
  return {
    kind: 'waits-on',
    why: `it takes what comes over \`${channel}\`, which no line closes`,
    waitsAt,
    alsoSee: [],
  };
}

function readPlainWait(
  code: GoCode,
  fn: GoFunction,
  text: string,
  waitsAt: FindingLocation,
): WaitReading | null {
  const sends = /([\w.[\]]+)\s*<-/.exec(text)?.[1];
  const receives = /<-\s*([\w.[\]]+)/.exec(text)?.[1];
  const channel = sends ?? receives;
  if (channel) {
    const name = channel.split('.').pop()!;
    const outer = code.functionAround(fn.file, fn.firstLine, true) ?? fn;
    const lines = code.lines(fn.file, outer.firstLine, outer.lastLine);
    const made = lines.findIndex((line) =>
      new RegExp(`\\b${name}\\s*(?::=|=)\\s*make\\(\\s*chan\\b`).test(line),
    );
    const isUnbuffered = made >= 0 && /make\(\s*chan\b[^,]*\)/.test(lines[made]!);
    const where =
      made >= 0 ? ` (made at line ${outer.firstLine + made}${isUnbuffered ? ', without a buffer' : ''})` : '';
    return {
      kind: 'waits-on',
      why: sends
        ? `it sends to \`${channel}\`${where} and waits until somebody receives`
        : `it waits for \`${channel}\`${where}, with no timeout and no way to be told to stop`,
      waitsAt,
      alsoSee: made >= 0 ? [{ file: fn.file, line: outer.firstLine + made, role: 'allocates' }] : [],
    };
  }
  const call = /([\w.]+)\.(Lock|RLock|Wait|Acquire)\(/.exec(text);
  if (!call) return null;
  return {
    kind: 'waits-on',
    why: `it waits in \`${call[0]})\` and nothing lets it go`,
    waitsAt,
    alsoSee: [],
  };
}

interface Case {
  readonly line: number;
  readonly head: string;
  readonly body: readonly string[];
}

function casesOf(code: GoCode, select: GoFunction): Case[] {
  const lines = code.lines(select.file, select.firstLine, select.lastLine);
  const cases: { line: number; head: string; body: string[] }[] = [];
  let depth = 0;
  lines.forEach((line, index) => {
    if (depth === 1 && /^\s*(?:case\b.*|default\s*):/.test(line)) {
      const colon = line.lastIndexOf(':');
      cases.push({
        line: select.firstLine + index,
        head: line.slice(0, colon),
        body: [line.slice(colon + 1)],
      });
    } else if (index > 0) cases.at(-1)?.body.push(line);
    for (const char of line.replace(/"(?:[^"\\]|\\.)*"/g, '')) {
      if (char === '{') depth++;
      else if (char === '}') depth--;
    }
  });
  return cases;
}

/** Tickers made in the function around that it never stops. */
function tickersNotStopped(code: GoCode, fn: GoFunction): FindingLocation[] {
  const outer = code.functionAround(fn.file, fn.firstLine, true) ?? fn;
  const lines = code.lines(fn.file, outer.firstLine, outer.lastLine);
  const found: FindingLocation[] = [];
  lines.forEach((line, index) => {
    const name = /\b(\w+)\s*(?::=|=)\s*time\.NewTicker\(/.exec(line)?.[1];
    if (name && !lines.some((other) => new RegExp(`\\b${name}\\.Stop\\(\\)`).test(other))) {
      found.push({ file: fn.file, line: outer.firstLine + index, role: 'should-remove' });
    }
  });
  return found;
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/') + 1);
}
