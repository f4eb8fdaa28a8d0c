import { stageOf } from './lifecycle.ts';

/** Lines that are alike but for their variable parts. */
export interface LogTemplate {
  readonly id: number;
  /** Words as they stand, `<*>` for what varies. */
  tokens: string[];
  count: number;
  firstMs: number;
  lastMs: number;
}

const ANY = '<*>';
const PREFIX_TOKENS = 2;
const MAX_CHILDREN = 100;
const MAX_TEMPLATES = 5000;
const ALIKE = 0.5;

/**
 * Groups lines by their shape as Drain does (He et al., "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017): a tree
 * over the number of tokens and the first two of them, then the most similar template of the leaf if half of its tokens agree.
 * One pass, memory bounded by the number of templates.
 */
export class TemplateTree {
  readonly templates: LogTemplate[] = [];
  private readonly leaves = new Map<string, LogTemplate[]>();
  private readonly children = new Map<string, Set<string>>();
  private readonly overflow: LogTemplate = {
    id: -1,
    tokens: ['(other)'],
    count: 0,
    firstMs: Number.NaN,
    lastMs: Number.NaN,
  };

  /** The template of a masked line; it is made or widened when needed. */
  add(masked: readonly string[], atMs: number): LogTemplate {
    const leaf = this.leafOf(masked);
    const found = mostAlike(leaf, masked);
    if (found) {
      for (const [at, token] of masked.entries()) if (found.tokens[at] !== token) found.tokens[at] = ANY;
      return seen(found, atMs);
    }
    if (this.templates.length >= MAX_TEMPLATES) return seen(this.overflow, atMs);
    const made: LogTemplate = {
      id: this.templates.length,
      tokens: [...masked],
      count: 0,
      firstMs: Number.NaN,
      lastMs: Number.NaN,
    };
    this.templates.push(made);
    leaf.push(made);
    return seen(made, atMs);
  }

  private leafOf(masked: readonly string[]): LogTemplate[] {
    let key = String(masked.length);
    for (let depth = 0; depth < Math.min(PREFIX_TOKENS, masked.length); depth++) {
      const token = masked[depth]!;
      let step = token.includes('<') ? ANY : token;
      const known = this.children.get(key) ?? new Set();
      this.children.set(key, known);
      if (!known.has(step)) {
        if (known.size >= MAX_CHILDREN) step = ANY;
        else known.add(step);
      }
      key += `\u0001${step}`;
    }
    let leaf = this.leaves.get(key);
    if (!leaf) {
      leaf = [];
      this.leaves.set(key, leaf);
    }
    return leaf;
  }
}

function seen(template: LogTemplate, atMs: number): LogTemplate {
  template.count++;
  if (Number.isFinite(atMs)) {
    if (!(template.firstMs <= atMs)) template.firstMs = atMs;
    if (!(template.lastMs >= atMs)) template.lastMs = atMs;
  }
  return template;
}

function mostAlike(leaf: readonly LogTemplate[], masked: readonly string[]): LogTemplate | null {
  let best: LogTemplate | null = null;
  let bestShare = 0;
  for (const template of leaf) {
    let same = 0;
    for (let at = 0; at < masked.length; at++) if (template.tokens[at] === masked[at]) same++;
    const share = masked.length === 0 ? 1 : same / masked.length;
    if (share > bestShare) {
      best = template;
      bestShare = share;
    }
  }
  if (best === null || bestShare < ALIKE) return null;
  // "User connected" and "User disconnected" differ in one word of two, and mean the opposite.
  return best.tokens.some((token, at) => token !== masked[at] && stageOf(token) !== stageOf(masked[at]!))
    ? null
    : best;
}
