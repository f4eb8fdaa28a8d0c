import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { COMMAND_FACTS } from '../knowledge/commands.ts';
import type { KnownFact } from '../knowledge/fact.ts';
import { LANGUAGE_FACTS } from '../knowledge/languages.ts';

/** What a text says of languages, commands and tools against what is known of them. One claim a fact; all lines are listed. */
export function checkKnowledge(facts: Facts): Claim[] {
  const parts = partsOf(facts);
  const whole = facts.document.lines.map(({ raw }) => raw).join('\n');
  return [...LANGUAGE_FACTS, ...COMMAND_FACTS].flatMap((fact) => {
    if (fact.runtime && !facts.runtimes.has(fact.runtime)) return [];
    if (fact.needs && !fact.needs.test(whole)) return [];
    if (fact.unlessAnywhere?.test(whole)) return [];
    const hits = hitsOf(fact, facts, parts);
    // The fullest saying stands for all: the one that names the language, else the first.
    const first =
      hits.find(({ text }) => fact.runtime !== undefined && text.toLowerCase().includes(fact.runtime)) ??
      hits[0];
    if (!first) return [];
    const others = hits.filter((hit) => hit !== first);
    return [
      {
        text: first.text.trim(),
        line: first.line,
        ...(others.length > 0 ? { alsoLines: others.map(({ line }) => line) } : {}),
        verdict: fact.verdict,
        because: fact.because,
        check: fact.id,
      },
    ];
  });
}

/** A sentence, and with the next one of its statement: it may begin a thought that the next one ends. */
interface Part {
  readonly text: string;
  readonly line: number;
  readonly isCode: boolean;
  readonly next: string;
  readonly joined: string;
}

function partsOf({ statements }: Facts): Part[] {
  return statements.flatMap(({ sentences, kind, text: whole }) =>
    (sentences.length === 0 ? [{ text: whole, line: 0 }] : sentences).map(({ text, line }, at) => {
      const next = sentences[at + 1]?.text ?? '';
      return { text, line, isCode: kind === 'code', next, joined: `${text} ${next}` };
    }),
  );
}

function hitsOf(
  { says, where, unless }: KnownFact,
  { code, document }: Facts,
  parts: readonly Part[],
): { text: string; line: number }[] {
  if (where === 'code') {
    return code.flatMap(({ text, firstLine, context }) => {
      // The heading above often names what the code is about.
      const match = says.exec(`${context}\n${text}`);
      if (!match || unless?.test(text)) return [];
      const shift = match.index - context.length - 1;
      const at = firstLine + Math.max(0, text.slice(0, Math.max(0, shift)).split('\n').length - 1);
      return [{ text: document.lines[at - 1]?.raw ?? match[0], line: at }];
    });
  }
  const hits: { text: string; line: number }[] = [];
  for (const part of parts) {
    const { text, line, isCode, next, joined } = part;
    if ((where === 'prose' && isCode) || (where === 'line' && !isCode)) continue;
    const hit = says.test(text)
      ? { text, line }
      : next !== '' && says.test(joined) && !says.test(next)
        ? { text: joined, line }
        : null;
    // The next sentence may say that it is not so.
    if (hit && !unless?.test(hit.text) && !(unless && !isCode && unless.test(joined))) hits.push(hit);
  }
  return hits;
}
