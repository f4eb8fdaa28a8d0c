import { U32List } from '../../base/growable.ts';
import { type Input, invalid, isDigit, isSpace, type Section } from './input.ts';

const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;
const ZERO = 0x30;

/**
 * The nested allocation tree, `[id, function, count, size, [children…]]`, read without recursion into flat lists: a
 * tree node's id, its parent's id (0 at the top) and its function. Starts behind the opening bracket.
 */
export class TraceTreeSection implements Section {
  done = false;
  readonly ids: U32List = new U32List();
  readonly parents: U32List = new U32List();
  readonly functions: U32List = new U32List();
  private readonly openNodes: U32List = new U32List();
  private depth = 1;
  private field = 0;
  private current = 0;
  private value = -1;

  constructor(
    private readonly input: Input,
    private readonly fields: readonly string[],
  ) {}

  feed(chunk: Uint8Array, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (isDigit(byte)) {
        this.value = Math.max(this.value, 0) * 10 + (byte - ZERO);
        continue;
      }
      if (this.value >= 0) this.endNumber();
      if (byte === OPEN) {
        this.openNodes.push(this.current);
        this.depth++;
        this.field = 0;
      } else if (byte === CLOSE) {
        this.depth--;
        if (this.depth === 0) {
          this.done = true;
          return at + 1;
        }
        this.current = this.openNodes.pop();
        this.field = this.fields.length;
      } else if (byte !== COMMA && !isSpace(byte)) {
        throw invalid(this.input, at, 'numbers and brackets in "trace_tree"', byte);
      }
    }
    return chunk.length;
  }

  private endNumber(): void {
    const name = this.fields[this.field % this.fields.length];
    if (name === 'id') {
      this.current = this.value;
      this.ids.push(this.value);
      this.parents.push(this.openNodes.last);
      this.functions.push(0);
    } else if (name === 'function_info_index') {
      this.functions.setLast(this.value);
    }
    this.field++;
    this.value = -1;
  }
}
