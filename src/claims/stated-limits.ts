import { quantitiesOf } from '../formats/incident-text/quantities.ts';
import { exactly, type Interval } from './interval.ts';
import type { Statement } from './statements.ts';

/** A limit of memory that a text states. */
export interface MemoryLimit {
  readonly bytes: Interval;
  readonly line: number;
  readonly text: string;
  /** A limit that it was raised to later. */
  readonly raised: boolean;
}

const LIMIT_FORMS: readonly RegExp[] = [
  /\blimits?\b[^.;]{0,40}?\bfrom\s+$/i,
  /\b(?:OOM(?:[- ]?(?:kill(?:ed)?|limit))?|out of memory|killed)\s+(?:at|above|beyond|@|:)\s*~?$/i,
  /\b(?:memory|mem|container|pod|cgroup|heap|hard|oom)[ _-]?(?:memory[ _-]?)?limit\w*\s*(?:of|is|was|=|:|at|\()?\s*~?$/i,
  /\blimit\w*\s*(?:of|is|was|=|:|at|\|)?\s*~?$/i,
  /\blimits?\.memory\s*[:=]\s*["']?$/i,
  /\bmax[-_]old[-_]space[-_]size\s*=?\s*$|\b(?:MEMORY|GOMEM)_?LIMIT\s*=\s*$/,
];

/** What every form has. */
const LIMITED = /limit|oom|out of memory|killed|max[-_]old[-_]space/i;

/** Every limit that is stated, in the order of the text. */
export function limitsOf(statements: readonly Statement[]): MemoryLimit[] {
  const found: MemoryLimit[] = [];
  for (const { sentences, kind } of statements) {
    if (kind === 'heading') continue;
    for (const { text, line } of sentences) {
      const short = shortLimit(text, line);
      if (short) found.push(short);
      if (!LIMITED.test(text)) continue;
      const sizes = quantitiesOf(text).filter(({ dimension }) => dimension === 'bytes');
      for (const [at, size] of sizes.entries()) {
        const before = text.slice(0, size.start).replace(/[~≈]\s*$/, '');
        const behind = text.slice(size.end);
        const isLimit =
          LIMIT_FORMS.some((form) => form.test(before)) ||
          /^\s*(?:(?:memory|container|pod|hard)\s+)?limit\b/i.test(behind);
        if (isLimit)
          found.push({ bytes: exactly(size.value), line, text, raised: /\b(?:to|→)\s*$/i.test(before) });
        else if (
          at > 0 &&
          /\b(?:to|→|->)\s*$/i.test(before) &&
          /\blimit\b/i.test(text) &&
          /\b(?:rais\w+|increas\w+|bump\w+|doubl\w+|from)\b/i.test(text)
        )
          found.push({ bytes: exactly(size.value), line, text, raised: true });
      }
    }
  }
  return found;
}

/** `MemoryMax=6G`, `mem_limit: 700m`, `--memory 512m`: units of one letter, powers of 1024. */
const ONE_LETTER =
  /(?:\b(?:MemoryMax|MemoryHigh|mem_limit|memory_limit|memory)|--memory|--max-memory-restart)[\s=:]+["']?(\d+(?:\.\d+)?)([kmgKMG])\b/;

function shortLimit(text: string, line: number): MemoryLimit | null {
  const match = ONE_LETTER.exec(text);
  const power = match ? 'kmg'.indexOf(match[2]!.toLowerCase()) + 1 : 0;
  return match ? { bytes: exactly(Number(match[1]) * 1024 ** power), line, text, raised: false } : null;
}
