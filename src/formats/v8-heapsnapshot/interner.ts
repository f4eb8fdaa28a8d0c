/** Gives equal texts one small number. */
export class Interner<T> {
  private readonly keys = new Map<string, number>();
  private readonly values: T[] = [];

  key(text: string, make: () => T): number {
    let key = this.keys.get(text);
    if (key === undefined) {
      key = this.values.length;
      this.keys.set(text, key);
      this.values.push(make());
    }
    return key;
  }

  value(key: number): T {
    return this.values[key]!;
  }
}
