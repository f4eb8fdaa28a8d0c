import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import type { SourceLocation } from '../model/source-location.ts';
import type { SourceTree } from '../model/source-tree.ts';
import { blankHashComments } from './hash-comments.ts';
import { blankComments } from './source-text.ts';

/** A line of the service's code. */
export interface SourceLine {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

const CONSTRUCTOR = /^\s*(?:constructor\s*\(|def\s+(?:initialize|__init__)\b)/;
const METHOD = /^\s*(?:async\s+)?def\s/;

function withoutComments(file: string, text: string): string {
  if (/\.(?:rb|rake|ru)$/.test(file)) return blankHashComments(text, 'ruby');
  return file.endsWith('.py') ? blankHashComments(text, 'python') : blankComments(text);
}

/** Finds the places of a dump in a checkout, and lines of code by what they do. */
export class SourceMatcher {
  private readonly blanked = new Map<string, string[]>();
  private readonly resolved = new Map<string, string | null>();
  private readonly traces = new Map<string, TraceMap | null>();

  constructor(readonly tree: SourceTree) {}

  /**
   * The file of the checkout that a path in the dump stands for: the one with the longest common tail, at least the
   * file's own name and nothing ambiguous. Null when there is none.
   */
  fileFor(path: string): string | null {
    let file = this.resolved.get(path);
    if (file === undefined) {
      file = this.find(path);
      this.resolved.set(path, file);
    }
    return file;
  }

  /** Follows a position through its source map where there is one, and puts it into the checkout's own terms. */
  locate(location: SourceLocation): SourceLocation {
    const mapped = this.mapped(location) ?? location;
    const file = this.fileFor(mapped.file);
    return file === null ? mapped : { ...mapped, file };
  }

  /** True when the file is part of the checkout. */
  has(file: string): boolean {
    return this.tree.files.has(file);
  }

  /** Lines that match, comments left out; files in `first` before the others. */
  search(pattern: RegExp, first: readonly string[] = []): SourceLine[] {
    const order = [
      ...new Set([...first.filter((file) => this.tree.files.has(file)), ...this.tree.files.keys()]),
    ];
    const found: SourceLine[] = [];
    for (const file of order) {
      this.linesOf(file).forEach((text, index) => {
        if (pattern.test(text)) found.push({ file, line: index + 1, text: text.trim() });
      });
    }
    return found;
  }

  linesOf(file: string): readonly string[] {
    let lines = this.blanked.get(file);
    if (!lines) {
      lines = withoutComments(file, this.tree.files.get(file) ?? '').split('\n');
      this.blanked.set(file, lines);
    }
    return lines;
  }

  /** True for a line within a constructor, told by indentation. */
  isInConstructor(found: SourceLine): boolean {
    const lines = this.linesOf(found.file);
    const indent = (text: string) => text.length - text.trimStart().length;
    const own = indent(lines[found.line - 1] ?? '');
    for (let at = found.line - 2; at >= 0; at--) {
      const text = lines[at]!;
      if (text.trim() === '' || indent(text) >= own) continue;
      if (CONSTRUCTOR.test(text)) return true;
      if (METHOD.test(text)) return false;
      if (/\)\s*(?::[^{]*)?\{\s*$/.test(text) && !/^\s*(?:if|for|while|switch|else|try|catch)\b/.test(text))
        return false;
    }
    return false;
  }

  private find(path: string): string | null {
    const below = path.startsWith(`${this.tree.root}/`) ? path.slice(this.tree.root.length + 1) : null;
    if (below !== null && this.tree.files.has(below)) return below;
    const parts = path.split(/[\\/]/).filter((part) => part !== '' && part !== '.');
    let best: string | null = null;
    let bestTail = 0;
    let ambiguous = false;
    for (const file of this.tree.files.keys()) {
      const own = file.split('/');
      let tail = 0;
      while (
        tail < own.length &&
        tail < parts.length &&
        own[own.length - 1 - tail] === parts[parts.length - 1 - tail]
      )
        tail++;
      // Of two equal tails the file that matches as a whole is meant.
      const weight = tail === 0 ? 0 : tail + (tail === own.length ? 0.5 : 0);
      if (weight === 0 || weight < bestTail) continue;
      ambiguous = weight === bestTail;
      best = file;
      bestTail = weight;
    }
    return ambiguous ? null : best;
  }

  private mapped(location: SourceLocation): SourceLocation | null {
    const trace = this.traceFor(location.file);
    if (!trace) return null;
    const original = originalPositionFor(trace, {
      line: location.line,
      column: Math.max(0, location.column - 1),
    });
    if (original.source === null || original.line === null) return null;
    return {
      file: original.source.replace(/^(?:webpack|file):\/\/[^/]*\//, ''),
      line: original.line,
      column: original.column + 1,
    };
  }

  private traceFor(path: string): TraceMap | null {
    const known = this.traces.get(path);
    if (known !== undefined) return known;
    const name = `${path.split(/[\\/]/).pop()}.map`;
    const candidates = [...this.tree.maps.keys()].filter((map) => map === name || map.endsWith(`/${name}`));
    const file = this.fileFor(path);
    const beside =
      candidates.find((map) => map === `${file}.map`) ??
      (candidates.length === 1 ? candidates[0] : undefined);
    let trace: TraceMap | null = null;
    if (beside !== undefined) {
      try {
        trace = new TraceMap(this.tree.maps.get(beside)!, beside);
      } catch {
        trace = null;
      }
    }
    this.traces.set(path, trace);
    return trace;
  }
}
