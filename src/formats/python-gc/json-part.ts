import { type Block, invalid } from './blocks.ts';

/** A block of JSON. What is in it is taken as it is needed: a wrong type gives the empty value of the right one. */
export class JsonPart {
  readonly value: unknown;

  constructor(file: string, block: Block, decoder: TextDecoder) {
    try {
      this.value = JSON.parse(decoder.decode(block.bytes));
    } catch {
      throw invalid(file, block.offset, `JSON in block ${block.kind}`);
    }
  }
}

type FieldName =
  // of the header
  | 'pid'
  | 'at'
  | 'python'
  | 'implementation'
  | 'mode'
  | 'values'
  | 'startedAt'
  | 'rss'
  | 'allocator'
  | 'settings'
  | 'gc'
  | 'enabled'
  | 'frozen'
  | 'thresholds'
  | 'garbage'
  | 'debug'
  | 'descriptors'
  | 'threads'
  | 'tracemalloc'
  | 'trim'
  | 'before'
  | 'after'
  | 'pymalloc'
  | 'malloc'
  | 'usedBytes'
  | 'freeBytes'
  | 'arenaBytes'
  | 'mappedBytes'
  // of layouts, code, roots, facts and the closing block
  | 'id'
  | 'names'
  | 'files'
  | 'rows'
  | 'roots'
  | 'modules'
  | 'interpreter'
  | 'own'
  | 'ident'
  | 'name'
  | 'object'
  | 'frames'
  | 'facts'
  | 'lru'
  | 'tasks'
  | 'objects'
  | 'references'
  | 'blocks'
  | 'errors';
/** An object of the JSON by the names that the agent writes. */
export type Fields = { readonly [Name in FieldName]?: unknown };

export function recordOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A finite number that is not negative, or 0. */
export function numberOf(value: unknown): number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : 0;
}

export function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function booleanOf(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null;
}
