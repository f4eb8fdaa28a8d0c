import type { SourceMatcher } from '../source-match.ts';

/** A function of the source or a closure in it: its lines, from `func` to the closing brace. */
export interface GoFunction {
  readonly file: string;
  readonly firstLine: number;
  readonly lastLine: number;
  /** Name of a declared function; '' for a closure. */
  readonly name: string;
}

/** A block in braces and the text that opens it. */
interface Block {
  readonly firstLine: number;
  readonly lastLine: number;
  readonly opening: string;
}

/** Go code by blocks: enough to see what is around a line, without a full parser. Texts come without comments. */
export class GoCode {
  private readonly blocks = new Map<string, readonly Block[]>();

  constructor(readonly matcher: SourceMatcher) {}

  line(file: string, line: number): string {
    return this.matcher.linesOf(file)[line - 1] ?? '';
  }

  lines(file: string, firstLine: number, lastLine: number): readonly string[] {
    return this.matcher.linesOf(file).slice(firstLine - 1, lastLine);
  }

  /** The innermost function or closure around a line; `outer` gives the declared one. */
  functionAround(file: string, line: number, outer: boolean = false): GoFunction | null {
    const around = this.blocksOf(file).filter(
      (block) =>
        block.firstLine <= line &&
        line <= block.lastLine &&
        (outer ? /^\s*func\b/ : /\bfunc\b[^{]*$/).test(block.opening),
    );
    const innermost = around.reduce<Block | null>(
      (best, block) => (best === null || block.firstLine >= best.firstLine ? block : best),
      null,
    );
    if (innermost === null) return null;
    const name = /^\s*func\s*(?:\([^)]*\)\s*)?(\w+)/.exec(innermost.opening)?.[1] ?? '';
    return { file, firstLine: innermost.firstLine, lastLine: innermost.lastLine, name };
  }

  /** The innermost `for` or `select` that begins at or before a line and reaches to it or beyond, within a function. */
  blockAround(within: GoFunction, line: number, opening: RegExp): GoFunction | null {
    const around = this.blocksOf(within.file).filter(
      (block) =>
        block.firstLine >= within.firstLine &&
        block.lastLine <= within.lastLine &&
        block.firstLine <= line &&
        line <= block.lastLine &&
        opening.test(block.opening),
    );
    const innermost = around[around.length - 1];
    return innermost ? { ...within, ...innermost, name: '' } : null;
  }

  /** The declared function of that name in the file, or anywhere in its package's folder. */
  functionNamed(file: string, name: string): GoFunction | null {
    const folder = file.slice(0, file.lastIndexOf('/') + 1);
    const files = [...this.matcher.tree.files.keys()].filter(
      (other) => other.endsWith('.go') && other.slice(0, other.lastIndexOf('/') + 1) === folder,
    );
    const head = new RegExp(`^\\s*func\\s*(?:\\([^)]*\\)\\s*)?${name}\\b`);
    for (const other of [file, ...files]) {
      const block = this.blocksOf(other).find(({ opening }) => head.test(opening));
      if (block) return { file: other, firstLine: block.firstLine, lastLine: block.lastLine, name };
    }
    return null;
  }

  /** All blocks of a file by their first line, outer ones first. */
  private blocksOf(file: string): readonly Block[] {
    let blocks = this.blocks.get(file);
    if (!blocks) {
      blocks = findBlocks(this.matcher.linesOf(file));
      this.blocks.set(file, blocks);
    }
    return blocks;
  }
}

function findBlocks(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  const open: { firstLine: number; opening: string; order: number }[] = [];
  let order = 0;
  /** Text since the last brace or statement, so that heads over several lines are whole. */
  let head = '';
  let headLine = 1;
  const closed: (Block & { order: number })[] = [];
  lines.forEach((line, index) => {
    const code = line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, (text) =>
      text.replace(/[{}]/g, ' '),
    );
    for (const part of code.split(/([{}])/)) {
      if (part === '{') {
        open.push({ firstLine: headLine, opening: head, order: order++ });
        head = '';
        headLine = index + 1;
      } else if (part === '}') {
        const block = open.pop();
        if (block) closed.push({ ...block, lastLine: index + 1 });
        head = '';
        headLine = index + 1;
      } else {
        if (head.trim() === '') {
          head = '';
          headLine = index + 1;
        }
        head += part;
      }
    }
    // A head goes on over lines only while its brackets are open.
    if ((head.match(/\(/g)?.length ?? 0) <= (head.match(/\)/g)?.length ?? 0)) head = '';
  });
  closed.sort((a, b) => a.order - b.order);
  for (const { firstLine, lastLine, opening } of closed) blocks.push({ firstLine, lastLine, opening });
  return blocks;
}
