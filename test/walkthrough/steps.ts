import { readFileSync } from 'node:fs';

/** One line that somebody types. */
export interface Step {
  /** As the page shows it, `$NAMES` unreplaced. */
  readonly text: string;
  readonly words: readonly string[];
  /** Any of these will do. */
  readonly exitCodes: readonly number[];
  readonly line: number;
}

/**
 * The steps of one chapter of the walkthrough: lines that begin with `$` in its `console` blocks. A comment `# exits 1` or `# exits 1 or 5` says
 * how a command ends; 0 without.
 *
 * @throws Error when the page has no such chapter, or no steps in it
 */
export function stepsOf(page: URL, chapter: string): Step[] {
  const lines = readFileSync(page, 'utf8').split('\n');
  const from = lines.findIndex((text) => text.startsWith('## ') && text.includes(chapter));
  const after = lines.findIndex((text, at) => at > from && text.startsWith('## '));
  const steps: Step[] = [];
  let within = false;
  for (const [at, text] of lines.entries()) {
    if (from < 0 || at <= from || (after >= 0 && at >= after)) continue;
    if (text.startsWith('```')) within = text === '```console';
    else if (within && text.startsWith('$ ')) steps.push(stepOf(text.slice(2), at + 1));
  }
  if (steps.length === 0) throw new Error(`${page.pathname}: no steps under a heading with ${chapter}`);
  return steps;
}

function stepOf(line: string, at: number): Step {
  const [text = '', comment = ''] = line.split(/\s+#\s+/, 2);
  const words = [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
  return { text, words, exitCodes: exitCodesIn(comment), line: at };
}

function exitCodesIn(comment: string): number[] {
  const codes = /^exits (\d+)(?: or (\d+))?/.exec(comment)?.slice(1) ?? ['0'];
  return codes.filter((code) => code !== undefined).map(Number);
}

/** @throws Error for a name that nothing has given a value */
export function filledIn(word: string, names: Readonly<Record<string, string>>): string {
  return word.replaceAll(/\$([A-Z_]+)/g, (_, name: string) => {
    const value = names[name];
    if (value === undefined) throw new Error(`nothing says what $${name} is`);
    return value;
  });
}
