import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { COMMAND_FACTS } from '../knowledge/commands.ts';
import type { KnownFact } from '../knowledge/fact.ts';
import { LANGUAGE_FACTS } from '../knowledge/languages.ts';

/** What a text says of languages, commands and tools against what is known of them. One claim a fact; all lines are listed. */
export function checkKnowledge(facts: Facts): Claim[] {
  const whole = facts.document.lines.map(({ raw }) => raw).join('\n');
  return [...LANGUAGE_FACTS, ...COMMAND_FACTS].flatMap((fact) => {
    if (fact.runtime && !facts.runtimes.has(fact.runtime)) return [];
    if (fact.needs && !fact.needs.test(whole)) return [];
    if (fact.unlessAnywhere?.test(whole)) return [];
    const hits = hitsOf(fact, facts);
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

function hitsOf(
  { says, where, unless }: KnownFact,
  { statements, code, document }: Facts,
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
  for (const { sentences, kind, text } of statements) {
    const isCode = kind === 'code';
    if ((where === 'prose' && isCode) || (where === 'line' && !isCode)) continue;
    // A sentence may begin a thought that the next one ends.
    const parts = sentences.length === 0 ? [{ text, line: 0 }] : sentences;
    for (const [at, part] of parts.entries()) {
      const joined = `${part.text} ${parts[at + 1]?.text ?? ''}`;
      const hit = says.test(part.text)
        ? part
        : says.test(joined) && !says.test(parts[at + 1]?.text ?? '')
          ? { ...part, text: joined }
          : null;
      // The next sentence may say that it is not so.
      if (hit && !unless?.test(hit.text) && !(unless && kind !== 'code' && unless.test(joined)))
        hits.push(hit);
    }
  }
  return hits;
}
