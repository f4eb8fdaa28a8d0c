import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { digits } from '../figures.ts';

const INDEXED =
  /\b([\w$]+)\.(_events|listeners|_listeners|handlers|callbacks|subscribers)(?:\.|\[["'])([\w:-]+)(?:["']\])?\[(\d+)\]/;
const PLACE = /(?:@|\bat)\s*([\w./-]+\.\w{1,4}):(\d+)/;
const EVENT = /_?(?:events|listeners|handlers)\b(?:\.|\[["'])([\w:-]+)/;

/** Retaining paths against the code and the thread that are quoted beside them. */
export function checkRetainingPaths({ document, statements }: Facts): Claim[] {
  const claims: Claim[] = [];
  let place: { file: string; line: number; text: string } | null = null;
  for (const line of document.lines) {
    const at = PLACE.exec(line.text);
    if (at && line.kind === 'code')
      place = { file: at[1]!.split('/').at(-1)!, line: line.number, text: line.text.trim() };
    const indexed = INDEXED.exec(line.text);
    if (indexed) {
      const [, holder, , event, index] = indexed;
      const per = document.lines.find(({ text }) =>
        new RegExp(
          `\\b(socket|conn|connection|client|ws|req|request|res|stream|session)\\.(?:on|once|addListener|addEventListener)\\(\\s*['"\`]${event}['"\`]`,
          'i',
        ).test(text),
      );
      if (per && Number(index) >= 10)
        claims.push({
          text: line.text.trim(),
          line: line.number,
          alsoLines: [per.number],
          verdict: 'contradicted',
          because: `The path is one ${holder} with at least ${digits(Number(index) + 1)} '${event}' listeners; the quoted code adds to one emitter for each ${/\b(\w+)\.(?:on|once|add)/.exec(per.text)![1]}. Both cannot be the whole story.`,
          arithmetic: `index ${index} → at least ${digits(Number(index) + 1)} listeners on one emitter`,
          check: 'retaining-path',
        });
    }
    const event = EVENT.exec(line.text)?.[1];
    if (!event || !place || line.number - place.line > 5) continue;
    const words = place.file
      .replace(/\.\w+$/, '')
      .split(/[._-]/)
      .filter((word) => word.length > 3);
    const said = statements.find(({ text, kind }) => {
      const named =
        text.includes(place!.file) || words.every((word) => new RegExp(`\\b${word}\\b`, 'i').test(text));
      return named && kind !== 'code' && kind !== 'heading' && /\badd(?:s|ed|ing)?\b/i.test(text);
    });
    if (!said) continue;
    const raw = document.lines.find(({ number }) => number === said.line)!.raw;
    const events = [...raw.matchAll(/[`'"]([a-z][\w:]*(?:-[\w]+)*)[`'"](?!\s*(?:method|function))/g)]
      .map((match) => match[1]!)
      .filter((name) => !name.includes('.') && !/[A-Z]/.test(name));
    if (events.length === 0 || events.includes(event)) continue;
    claims.push({
      text: place.text,
      line: place.line,
      alsoLines: [line.number, said.line],
      verdict: 'contradicted',
      because: `The path has ${place.file} under '${event}', while line ${said.line} says that it adds ${events.map((name) => `'${name}'`).join(' and ')}.`,
      check: 'retaining-path',
    });
  }
  return claims;
}

/** `@@x` and `@x` are different variables in Ruby: which one is it? */
export function checkVariableNames({ document, runtimes }: Facts): Claim[] {
  if (!runtimes.has('ruby')) return [];
  const seen = new Map<string, { classLine: number; instanceLine: number }>();
  for (const { raw, number } of document.lines) {
    for (const [, sigil, name] of raw.matchAll(/(?<![\w@])(@@?)([a-z_]\w+)/g)) {
      if (/^@[a-z]+\.[a-z]/.test(`${sigil}${raw.slice(raw.indexOf(`${sigil}${name}`) + sigil!.length)}`))
        continue;
      const held = seen.get(name!) ?? { classLine: 0, instanceLine: 0 };
      if (sigil === '@@') held.classLine ||= number;
      else held.instanceLine ||= number;
      seen.set(name!, held);
    }
  }
  return [...seen]
    .filter(([, { classLine, instanceLine }]) => classLine > 0 && instanceLine > 0)
    .map(([name, { classLine, instanceLine }]) => ({
      text: `@@${name} / @${name}`,
      line: Math.max(classLine, instanceLine),
      alsoLines: [Math.min(classLine, instanceLine)],
      verdict: 'contradicted' as const,
      because: `Line ${classLine} has the class variable @@${name}, line ${instanceLine} the instance variable @${name}: in Ruby these are two variables. Scan for both.`,
      check: 'variable-names',
    }));
}
