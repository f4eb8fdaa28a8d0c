/** Writes Protocol Buffers fields one after the other; nested messages are written aside and copied in with their length. */
export class ProtoWriter {
  private bytes: Uint8Array = new Uint8Array(1024);
  private length = 0;

  /** A whole number in 64 bits, negative ones as two's complement. Zero is left out, as proto3 does, unless `always`. */
  int(field: number, value: number | bigint, always: boolean = false): void {
    if (!always && (value === 0 || value === 0n)) return;
    this.varint(field * 8);
    this.varint(value);
  }

  bytesField(field: number, bytes: Uint8Array): void {
    this.varint(field * 8 + 2);
    this.varint(bytes.length);
    this.ensure(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  packed(field: number, values: ArrayLike<number>): void {
    if (values.length === 0) return;
    const list = new ProtoWriter();
    for (let at = 0; at < values.length; at++) list.varint(values[at]!);
    this.bytesField(field, list.finish());
  }

  finish(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Forgets what was written, for the next message. */
  clear(): void {
    this.length = 0;
  }

  private varint(value: number | bigint): void {
    this.ensure(10);
    let rest: number;
    if (typeof value === 'number' && value >= 0 && value <= 0x7fffffff) rest = Math.trunc(value);
    else {
      let wide = BigInt.asUintN(64, typeof value === 'number' ? BigInt(Math.trunc(value)) : value);
      while (wide > 0x7fffffffn) {
        this.bytes[this.length++] = Number(wide & 0x7fn) | 0x80;
        wide >>= 7n;
      }
      rest = Number(wide);
    }
    while (rest >= 0x80) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }

  private ensure(extra: number): void {
    if (this.length + extra <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.length + extra, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}
