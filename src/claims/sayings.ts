import type { Statement } from './statements.ts';

/** A sentence that states something of the incident itself. */
export interface Saying {
  readonly text: string;
  readonly line: number;
  /** The whole statement that it is part of. */
  readonly whole: string;
}

const SPEAKER = /^\s*\[?\(?\d{1,2}:\d\d(?::\d\d)?(?:\s?[AaPp][Mm])?\]?\)?\s+(?:<?@?[\w.-]+>?:\s+)?(?=\S)/;
/** What would be, was elsewhere or at another time, is asked or denied: not to be held against these numbers. */
const ELSEWHERE =
  /\?\s*$|\b(?:would|could|should|might|if|unless|suppose|assum\w+|expected?|hypothe\w+|staging|canary|locally|on my|load[- ]test|last (?:week|month|year)|yesterday|previous(?:ly)?|in theory|normally|usually|target|goal|budget|SLO|wrong(?:ly)?|not true|used to|plan(?:ned)?)\b/i;

/** A sentence without the time and the name that a chat puts in front of it. */
export function withoutSpeaker(text: string): string {
  return text.replace(SPEAKER, '');
}

/** Sentences are not longer; what is, is a dump without marks of code. */
const LONGEST = 600;

/** Every sentence of prose and lists that states something of what the text shows. */
export function sayingsOf(
  statements: readonly Statement[],
  { hypothetical = false }: { readonly hypothetical?: boolean } = {},
): Saying[] {
  return statements
    .filter(({ kind }) => kind === 'prose' || kind === 'item' || kind === 'quote')
    .flatMap(({ sentences, text: whole }) =>
      sentences
        .map(({ text, line }) => ({ text: withoutSpeaker(text), line, whole }))
        .filter(({ text }) => text.length <= LONGEST)
        .filter(({ text }) => hypothetical || !ELSEWHERE.test(text)),
    );
}
