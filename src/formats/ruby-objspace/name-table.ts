/** Texts that are names of nodes and edges, numbered behind the values of the dump's strings. */
export class NameTable {
  readonly texts: string[] = [];
  private readonly known: Map<string, number> = new Map();

  /** @param first number of the first name: how many values there are */
  constructor(private readonly first: number) {}

  numberOf(text: string): number {
    let number = this.known.get(text);
    if (number === undefined) {
      number = this.first + this.texts.length;
      this.known.set(text, number);
      this.texts.push(text);
    }
    return number;
  }

  textOf(number: number): string {
    return this.texts[number - this.first] ?? '';
  }
}
