/** Longest period of a chain that is recognised, and how often one step may recur before it folds in any case. */
const MAX_PERIOD = 8;
const FOLD_WINDOW = 32;
const FOLD_AFTER = 4;
const MAX_DEPTH = 96;

/**
 * Paths from the roots grouped by shape: a step is (reference label, class of the target), both interned numbers.
 * All objects reached by equal steps share one trie node, in all dumps that are measured into the same trie.
 *
 * A chain folds: a step equal to the one right before it (`next → next`), the last step of a sequence that has just
 * been repeated, or one that stands four times among the last steps (trees) leads back to the earlier trie node, so
 * that a list of a million entries is one node with a count of a million.
 */
export class ShapeTrie {
  /** Number of trie nodes; 0 is the root. */
  length = 1;
  parent: Uint32Array = new Uint32Array(1024);
  label: Uint32Array = new Uint32Array(1024);
  shape: Uint32Array = new Uint32Array(1024);
  private depth: Uint8Array = new Uint8Array(1024);
  private slots: Uint32Array = new Uint32Array(4096);
  private freeSlot = 0;
  private readonly above: Uint32Array = new Uint32Array(FOLD_WINDOW);

  child(parent: number, label: number, shape: number): number {
    if (parent !== 0 && this.label[parent] === label && this.shape[parent] === shape) return parent;
    const found = this.find(parent, label, shape);
    if (found !== 0) return found;
    const folded = this.fold(parent, label, shape);
    return folded !== 0 ? folded : this.add(parent, label, shape, this.freeSlot);
  }

  /** Steps from the root to a node, root left out. */
  pathTo(node: number): number[] {
    const path: number[] = [];
    for (let at = node; at !== 0; at = this.parent[at]!) path.push(at);
    return path.reverse();
  }

  private fold(parent: number, label: number, shape: number): number {
    const { above } = this;
    let length = 0;
    for (let at = parent; at !== 0 && length < FOLD_WINDOW; at = this.parent[at]!) above[length++] = at;
    let seen = 0;
    for (let at = 0; at < length; at++) {
      if (!this.isStep(above[at]!, label, shape)) continue;
      const period = at + 1;
      if (period > 1 && period <= MAX_PERIOD && this.repeats(period, length)) return above[at]!;
      if (++seen === FOLD_AFTER) return above[at]!;
    }
    return this.depth[parent]! >= MAX_DEPTH ? parent : 0;
  }

  /** True when the steps above are, up to the new one, two equal runs of `period` steps. */
  private repeats(period: number, length: number): boolean {
    if (length < 2 * period - 1) return false;
    for (let at = 0; at < period - 1; at++) {
      const other = this.above[at + period]!;
      if (!this.isStep(this.above[at]!, this.label[other]!, this.shape[other]!)) return false;
    }
    return true;
  }

  private isStep(node: number, label: number, shape: number): boolean {
    return this.label[node] === label && this.shape[node] === shape;
  }

  /** The child, or 0; then `freeSlot` is where it would go. */
  private find(parent: number, label: number, shape: number): number {
    const mask = this.slots.length - 1;
    let slot = hash(parent, label, shape) & mask;
    for (;;) {
      const node = this.slots[slot]!;
      if (node === 0) break;
      if (this.parent[node] === parent && this.isStep(node, label, shape)) return node;
      slot = (slot + 1) & mask;
    }
    this.freeSlot = slot;
    return 0;
  }

  private add(parent: number, label: number, shape: number, slot: number): number {
    const node = this.length++;
    if (node >= this.parent.length) this.growNodes();
    this.parent[node] = parent;
    this.label[node] = label;
    this.shape[node] = shape;
    this.depth[node] = Math.min(255, this.depth[parent]! + 1);
    this.slots[slot] = node;
    if (this.length * 2 > this.slots.length) this.rehash();
    return node;
  }

  private growNodes(): void {
    const size = this.parent.length * 2;
    const grow = (array: Uint32Array): Uint32Array => {
      const grown = new Uint32Array(size);
      grown.set(array);
      return grown;
    };
    this.parent = grow(this.parent);
    this.label = grow(this.label);
    this.shape = grow(this.shape);
    const depth = new Uint8Array(size);
    depth.set(this.depth);
    this.depth = depth;
  }

  private rehash(): void {
    const slots = new Uint32Array(this.slots.length * 2);
    const mask = slots.length - 1;
    for (let node = 1; node < this.length; node++) {
      let slot = hash(this.parent[node]!, this.label[node]!, this.shape[node]!) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = node;
    }
    this.slots = slots;
  }
}

function hash(a: number, b: number, c: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}
