/** A list of doubles that grows as it is filled. */
export class F64List {
  length = 0;
  private items: Float64Array = new Float64Array(256);

  push(value: number): void {
    if (this.length === this.items.length) {
      const grown = new Float64Array(this.items.length * 2);
      grown.set(this.items);
      this.items = grown;
    }
    this.items[this.length++] = value;
  }

  /** The filled part, without a copy. */
  view(): Float64Array {
    return this.items.subarray(0, this.length);
  }
}
