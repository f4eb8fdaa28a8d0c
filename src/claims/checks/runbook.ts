import { type Quantity, quantitiesOf } from '../../formats/incident-text/quantities.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { digits, durationText, sizeText } from '../figures.ts';
import { ratesOf } from './time-to-limit.ts';

/** The estimate in the head of a runbook against the sum of its steps. */
export function checkTimeEstimate({ document, statements }: Facts): Claim[] {
  const claims: Claim[] = [];
  const steps = document.lines.flatMap(({ kind, text, number }) => {
    const duration = kind === 'heading' ? minutesIn(text.replace(/^#+\s*/, '')) : null;
    return duration ? [{ ...duration, text, line: number }] : [];
  });
  const estimate = statements
    .flatMap(({ sentences, kind }) => (kind === 'heading' ? [] : sentences))
    .find(
      ({ text }) =>
        /\b(?:time estimate|estimated time|duration|total time|takes?)\b\s*[:=]/i.test(text) &&
        minutesIn(text),
    );
  if (estimate && steps.length >= 2) {
    const said = minutesIn(estimate.text)!;
    const sum = {
      low: steps.reduce((a, { low }) => a + low, 0),
      high: steps.reduce((a, { high }) => a + high, 0),
    };
    const holds =
      Math.abs(sum.low - said.low) <= 0.15 * said.low && Math.abs(sum.high - said.high) <= 0.15 * said.high;
    claims.push({
      text: estimate.text,
      line: estimate.line,
      alsoLines: steps.map(({ line }) => line),
      verdict: holds ? 'holds' : 'contradicted',
      because: holds
        ? 'The steps add up to it.'
        : `The steps add up to ${digits(sum.low)} to ${digits(sum.high)} minutes.`,
      arithmetic: `${steps.map(({ low, high }) => (low === high ? digits(low) : `${digits(low)}–${digits(high)}`)).join(' + ')} = ${digits(sum.low)}–${digits(sum.high)} min`,
      check: 'time-estimate',
    });
  }
  for (const [at, step] of steps.entries()) {
    const end = steps[at + 1]?.line ?? Number.POSITIVE_INFINITY;
    const next =
      document.lines.find(({ kind, number }) => kind === 'heading' && number > step.line)?.number ??
      Number.POSITIVE_INFINITY;
    const inside = document.lines
      .filter(({ number }) => number > step.line && number < Math.min(end, next))
      .flatMap(({ text, number, kind }) => {
        const waits = kind === 'code' ? waitOf(text) : 0;
        return waits > 0 ? [{ waits, text: text.trim(), number }] : [];
      });
    const total = inside.reduce((a, { waits }) => a + waits, 0);
    if (inside.length === 0) continue;
    const longest = Math.max(...inside.map(({ waits }) => waits));
    if (longest <= step.high && total <= step.high * 1.5) continue;
    claims.push({
      text: step.text,
      line: step.line,
      alsoLines: inside.map(({ number }) => number),
      verdict: 'contradicted',
      because: `The step is given ${digits(step.high)} minutes and holds ${inside.map(({ waits, text }) => `${durationText(waits)} (${text.slice(0, 50)})`).join(' and ')}.`,
      arithmetic: `${inside.map(({ waits }) => digits(waits)).join(' + ')} min > ${digits(step.high)} min`,
      check: 'step-duration',
    });
  }
  return claims;
}

function minutesIn(text: string): { low: number; high: number } | null {
  const found = quantitiesOf(text).find(({ dimension }) => dimension === 'time');
  if (!found) return null;
  return found.range
    ? { low: found.low / 60_000, high: found.high / 60_000 }
    : { low: found.value / 60_000, high: found.value / 60_000 };
}

/** Minutes that a command waits or watches: `sleep 600`, `--duration=15m`, `--last 30m` under watch. */
function waitOf(text: string): number {
  const sleep = /\bsleep (\d+)([smh]?)\b/.exec(text);
  if (sleep)
    return (Number(sleep[1]) * { s: 1, '': 1, m: 60, h: 3600 }[sleep[2] as '' | 's' | 'm' | 'h']) / 60;
  const flag = /(?:--(?:duration|for|time|watch|window)[= ]|\bwatch\b.*--last )(\d+)\s?([smh])\b/.exec(text);
  return flag ? (Number(flag[1]) * { s: 1, m: 60, h: 3600 }[flag[2] as 's' | 'm' | 'h']) / 60 : 0;
}

interface Watch {
  readonly minutes: number;
  readonly quantity: Quantity | null;
  readonly text: string;
  readonly line: number;
}

const WATCH = /\b(?:monitor|watch|observe|verify|verification|confirm|soak|check)\w*\b/i;
/** Noise of a service's memory at rest, as a share of its level: a growth must be clear of it to be seen. */
const NOISE_SHARE = 0.05;

/** How long a fix is watched: whether the text agrees with itself, and what leak could be seen in that time. */
export function checkVerification(facts: Facts): Claim[] {
  const watches = watchesOf(facts);
  const claims: Claim[] = [];
  const [first] = watches;
  if (!first) return claims;
  const shortest = watches.reduce((a, b) => (a.minutes < b.minutes ? a : b));
  const longest = watches.reduce((a, b) => (a.minutes > b.minutes ? a : b));
  if (watches.length > 1 && longest.minutes >= 1.5 * shortest.minutes) {
    claims.push({
      text: shortest.text,
      line: shortest.line,
      alsoLines: watches.filter((watch) => watch !== shortest).map(({ line }) => line),
      verdict: 'contradicted',
      because: `The text has ${new Set(watches.map(({ minutes }) => minutes)).size} times to watch a fix: ${watches.map(({ minutes, line }) => `${durationText(minutes)} (line ${line})`).join(', ')}. The shortest decides what is found.`,
      check: 'verification-times',
    });
  }
  const rate = ratesOf(facts).find(({ measured }) => measured) ?? ratesOf(facts)[0];
  const level = facts.memory.current?.bytes.value ?? facts.memory.overall?.to.value ?? null;
  for (const watch of watches) {
    if (rate && level) {
      const grows = (rate.perHour.value * watch.minutes) / 60;
      const visible = grows > NOISE_SHARE * level;
      claims.push({
        text: watch.text,
        line: watch.line,
        verdict: visible ? 'holds' : 'contradicted',
        because: visible
          ? `In ${durationText(watch.minutes)} the leak grows by ${sizeText(grows)}, which can be seen.`
          : `In ${durationText(watch.minutes)} the leak grows by ${sizeText(grows)}, ${digits((grows / level) * 100)} % of ${sizeText(level)}: too little to tell from noise. Watch for ${durationText(((NOISE_SHARE * level) / rate.perHour.value) * 60)} at least.`,
        arithmetic: `${sizeText(rate.perHour.value)}/h × ${durationText(watch.minutes)} = ${sizeText(grows)}`,
        check: 'verification-length',
      });
    } else if (watch.minutes < 60) {
      claims.push({
        text: watch.text,
        line: watch.line,
        verdict: 'cannot-tell',
        because: `${durationText(watch.minutes)} can show only a leak that outgrows the noise in that time; with noise of 5 % that is one that doubles memory in ${durationText(watch.minutes / NOISE_SHARE)} or less. A leak of 50 MB/h grows by ${sizeText((5e7 * watch.minutes) / 60)} meanwhile. Say the smallest leak that could have been seen.`,
        arithmetic: `50 MB/h × ${durationText(watch.minutes)} = ${sizeText((5e7 * watch.minutes) / 60)}`,
        check: 'verification-length',
      });
    }
  }
  return claims;
}

function watchesOf({ statements }: Facts): Watch[] {
  const found: Watch[] = [];
  for (const { sentences, kind, text: whole, headings, line: at } of statements) {
    if (kind === 'heading') continue;
    if (kind === 'code') {
      const minutes = /\bverify|stable|soak/i.test(whole) ? waitOf(whole) : 0;
      if (minutes > 0) found.push({ minutes, quantity: null, text: whole.trim(), line: at });
      continue;
    }
    for (const { text, line } of sentences) {
      const fixing =
        /\b(?:fix\w*|deploy\w*|staging|production|after making|changes?|verif\w*|resolved|stable)\b/i.test(
          `${text} ${headings.at(-1) ?? ''} ${headings.at(-2) ?? ''}`,
        );
      if (!WATCH.test(text) || !fixing) continue;
      const duration = quantitiesOf(text).find(
        ({ dimension, start, range }) =>
          dimension === 'time' &&
          !range &&
          /\b(?:for|at least|within)?\s*(?:at least|about|~)?\s*$/i.test(text.slice(0, start)) &&
          WATCH.test(text.slice(0, start)),
      );
      if (
        !duration ||
        /\bevery\s*$/i.test(text.slice(0, duration.start)) ||
        /\balert\b|[<>]\s?\d+\s?%/i.test(text)
      )
        continue;
      found.push({ minutes: duration.value / 60_000, quantity: duration, text, line });
    }
  }
  return found;
}

/** "Wait 10-15 minutes" beside files whose names carry their own times. */
export function checkWaitAgainstStamps({ document, statements }: Facts): Claim[] {
  const stamps: { seconds: number; line: number; stem: string }[] = [];
  for (const { raw, number, kind } of document.lines) {
    if (kind === 'heading') continue;
    for (const match of raw.matchAll(/([\w./-]*?[_.-])(1[5-9]\d{8})(?=[_.\s-]|$)/g))
      stamps.push({ seconds: Number(match[2]), line: number, stem: match[1]!.split(':').at(-1)! });
  }
  const [first] = stamps;
  const last = stamps.findLast(({ stem, seconds }) => stem === first?.stem && seconds !== first.seconds);
  if (!first || !last) return [];
  const minutes = Math.abs(last.seconds - first.seconds) / 60;
  for (const { sentences } of statements) {
    for (const { text, line } of sentences) {
      if (
        !/\b(?:wait|between|apart|later|after)\b/i.test(text) ||
        !/\b(?:dumps?|snapshots?|leak|grow|second|profiles?)\b/i.test(text)
      )
        continue;
      const said = minutesIn(text);
      if (!said) continue;
      const holds = minutes >= said.low * 0.9 && minutes <= said.high * 1.5;
      return [
        {
          text,
          line,
          alsoLines: [first.line, last.line],
          verdict: holds ? 'holds' : 'contradicted',
          because: holds
            ? 'The files are as far apart.'
            : `The files are ${durationText(minutes)} apart by the times in their names.`,
          arithmetic: `${last.seconds} − ${first.seconds} = ${last.seconds - first.seconds} s`,
          check: 'wait-against-stamps',
        },
      ];
    }
  }
  return [];
}

/** Files that were copied out of a container under a name, and then looked for inside under that name. */
export function checkCopiedPaths({ document }: Facts): Claim[] {
  const copied = document.lines.flatMap(({ raw, number }) => {
    const match = /\b(?:docker|kubectl|podman) cp\s+[\w./-]+:(\S+)\s+(?!\S+:)(\S+)/.exec(raw);
    return match ? [{ inside: match[1]!, outside: match[2]!.replace(/^\.\//, ''), line: number }] : [];
  });
  if (copied.length === 0) return [];
  const claims: Claim[] = [];
  for (const { raw, number } of document.lines) {
    if (!/\b(?:docker|kubectl|podman) exec\b/.test(raw)) continue;
    const missing = copied.filter(({ inside, outside }) => {
      const name = outside.split('/').at(-1)!;
      return raw.includes(`/${name}`) && !inside.endsWith(`/${name}`);
    });
    if (missing.length === 0) continue;
    claims.push({
      text: raw.trim(),
      line: number,
      alsoLines: missing.map(({ line }) => line),
      verdict: 'contradicted',
      because: `${missing.map(({ outside }) => outside).join(' and ')} exist${missing.length === 1 ? 's' : ''} only outside: the copy gave the name. In the container the file is still ${missing[0]!.inside}.`,
      check: 'copied-paths',
    });
  }
  return claims;
}

/** `self` in a function that has none. */
export function checkPythonSelf({ code }: Facts): Claim[] {
  const claims: Claim[] = [];
  for (const { text, language, firstLine } of code) {
    if (!/^py|^$/.test(language) && language !== 'python') continue;
    const lines = text.split('\n');
    for (const [at, line] of lines.entries()) {
      const head = /^(\s*)def (\w+)\(([^)]*)\)/.exec(line);
      if (!head || /\bself\b/.test(head[3]!)) continue;
      const indent = head[1]!.length;
      if (
        indent > 0 &&
        lines.slice(0, at).some((above) => /^\s*(?:class |def \w+\([^)]*\bself\b)/.test(above))
      )
        continue;
      const end = lines.findIndex(
        (below, index) => index > at && below.trim() !== '' && /^\s*/.exec(below)![0].length <= indent,
      );
      const body = lines.slice(at + 1, end === -1 ? undefined : end);
      const uses = body.findIndex((below) => /(?<![\w.])self\./.test(below));
      if (uses === -1) continue;
      claims.push({
        text: line.trim(),
        line: firstLine + at,
        alsoLines: [firstLine + at + 1 + uses],
        verdict: 'contradicted',
        because: `${head[2]} has no parameter self: the first line that uses it raises NameError.`,
        check: 'python-self',
      });
    }
  }
  return claims;
}
