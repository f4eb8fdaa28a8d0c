import { bytesSource } from '../../base/byte-source.ts';
import { readRubyDump } from '../../formats/ruby-objspace/read.ts';
import type { Diagnosis } from '../../model/finding.ts';
import type { HeapGraph } from '../../model/heap-graph.ts';
import { type DiagnoseOptions, diagnose } from '../diagnose.ts';
import { dumpsOf } from './diagnose-drawn.ts';

type Address = string;
type Record = { [key: string]: unknown };

/** Objects of one Ruby process at one moment, written down as `ObjectSpace.dump_all` and the agent write them. */
export class RubyHeap {
  private readonly lines: Record[] = [];
  private readonly names: Record[] = [];
  private readonly roots: Address[] = [];
  private readonly classes = new Map<string, Address>();

  /** @param addresses by handle; shared by all moments of a process, so that a handle is one object in all of them */
  constructor(
    private readonly addresses: Map<string, Address>,
    private readonly isNamed: boolean = true,
  ) {
    for (const name of ['Class', 'Object', 'String', 'Hash', 'Array', 'Proc', 'Thread']) this.klass(name);
  }

  /** A class; `own` are its variables and constants by name. */
  klass(name: string, own: { [name: string]: Address } = {}, at: string | null = null): Address {
    const known = this.classes.get(name);
    if (known && Object.keys(own).length === 0) return known;
    const address = this.put(`class ${name}`, {
      type: 'CLASS',
      class: this.address('class Class'),
      name,
      references: [this.address('class Object'), ...Object.values(own)],
      memsize: 600,
    });
    this.classes.set(name, address);
    // What stands in a module is held by that.
    if (!name.includes('::')) this.roots.push(address);
    const [file, line] = at?.split(':') ?? [];
    this.names.push({ t: 'class', at: address, name, ...(file ? { file, line: Number(line) } : {}) });
    this.name(address, own);
    return address;
  }

  object(handle: string, className: string, fields: { [name: string]: Address } = {}, memsize = 40): Address {
    const address = this.put(handle, {
      type: 'OBJECT',
      class: this.klass(className),
      ivars: Object.keys(fields).length,
      references: Object.values(fields),
      memsize,
    });
    this.name(address, fields);
    return address;
  }

  hash(handle: string, entries: readonly (readonly [Address, Address])[]): Address {
    return this.put(handle, {
      type: 'HASH',
      class: this.klass('Hash'),
      size: entries.length,
      references: entries.flat(),
      memsize: 40 + 48 * entries.length,
    });
  }

  array(handle: string, items: readonly Address[]): Address {
    return this.put(handle, {
      type: 'ARRAY',
      class: this.klass('Array'),
      length: items.length,
      references: [...items],
      memsize: 40 + 8 * items.length,
    });
  }

  string(handle: string, value: string, memsize = 40): Address {
    return this.put(handle, {
      type: 'STRING',
      class: this.klass('String'),
      bytesize: value.length,
      value,
      encoding: 'UTF-8',
      memsize,
    });
  }

  /** A text with room for more: memory grows in steps, the text evenly. */
  text(handle: string, bytes: number, capacity: number): Address {
    return this.put(handle, {
      type: 'STRING',
      class: this.klass('String'),
      bytesize: bytes,
      capacity,
      value: 'x'.repeat(bytes),
      encoding: 'UTF-8',
      memsize: 40 + capacity,
    });
  }

  /** An Array of numbers, which are no objects, with room for more. */
  numbers(handle: string, length: number, room: number): Address {
    return this.put(handle, { type: 'ARRAY', class: this.klass('Array'), length, memsize: 40 + 8 * room });
  }

  /** The thread that writes the dump: alive in the forked child, with its stack, and not listed. */
  dumpThread(handle: string): Address {
    const address = this.put(handle, {
      type: 'DATA',
      class: this.klass('Thread'),
      struct: 'VM/thread',
      memsize: 1_048_992,
    });
    this.roots.push(address);
    return address;
  }

  proc(handle: string, at: string, captured: { [name: string]: Address }): Address {
    const env = this.put(`${handle} env`, {
      type: 'IMEMO',
      imemo_type: 'env',
      references: Object.values(captured),
      memsize: 80,
    });
    const address = this.put(handle, {
      type: 'DATA',
      class: this.klass('Proc'),
      struct: 'proc',
      references: [env],
      memsize: 120,
    });
    const [file, line] = at.split(':');
    this.names.push({
      t: 'proc',
      at: address,
      file,
      line: Number(line),
      lambda: false,
      locals: Object.keys(captured),
    });
    for (const [name, to] of Object.entries(captured))
      this.names.push({ t: 'edge', kind: 'local', from: env, name, to });
    return address;
  }

  thread(handle: string, locals: { [name: string]: Address }): Address {
    const address = this.put(handle, {
      type: 'DATA',
      class: this.klass('Thread'),
      struct: 'VM/thread',
      references: Object.values(locals),
      memsize: 1000,
    });
    this.roots.push(address);
    for (const [name, to] of Object.entries(locals))
      this.names.push({ t: 'edge', kind: 'fiberlocal', from: address, name, to });
    return address;
  }

  /** A thread that only the names file lists, as in a dump from a forked child. */
  waitingThread(handle: string, block: Address): Address {
    const address = this.put(handle, {
      type: 'DATA',
      class: this.klass('Thread'),
      struct: 'VM/thread',
      references: [block],
      memsize: 1000,
    });
    this.names.push({ t: 'thread', at: address, name: handle, status: 'sleep' });
    return address;
  }

  /** An Array of the interpreter's own. */
  hiddenArray(handle: string, items: readonly Address[]): Address {
    const address = this.put(handle, {
      type: 'ARRAY',
      length: items.length,
      references: [...items],
      memsize: 40 + 8 * items.length,
    });
    this.roots.push(address);
    return address;
  }

  async read(file: string): Promise<HeapGraph> {
    const root = { type: 'ROOT', root: 'vm', references: this.roots };
    const known = new Map(this.lines.map((line) => [line['address'], line]));
    const text = [root, ...known.values()].map((line) => JSON.stringify(line)).join('\n');
    const head = { t: 'head', schema: 'stanch/ruby-names@1', pid: 77, ruby: '3.1.2', dump: file };
    const names = [head, ...this.names, { t: 'end' }].map((line) => JSON.stringify(line)).join('\n');
    return readRubyDump(bytesSource(new TextEncoder().encode(`${text}\n`), file), {
      names: this.isNamed ? bytesSource(new TextEncoder().encode(`${names}\n`), `${file}.names.jsonl`) : null,
    });
  }

  private name(from: Address, names: { [name: string]: Address }): void {
    for (const [name, to] of Object.entries(names)) {
      const kind = name.startsWith('@@') ? 'cvar' : name.startsWith('@') ? 'ivar' : 'const';
      this.names.push({ t: 'edge', kind, from, name, to });
    }
  }

  private put(handle: string, record: Record): Address {
    const address = this.address(handle);
    this.lines.push({ address, ...record });
    return address;
  }

  private address(handle: string): Address {
    let address = this.addresses.get(handle);
    if (address === undefined) {
      address = `0x${(0x7f0000001000 + this.addresses.size * 40).toString(16)}`;
      this.addresses.set(handle, address);
    }
    return address;
  }
}

/** Diagnoses moments of one Ruby process, one for each size of what grows. */
export async function diagnoseRuby(
  sizes: readonly number[],
  draw: (heap: RubyHeap, size: number) => void,
  options: DiagnoseOptions & { isNamed?: boolean } = {},
): Promise<Diagnosis> {
  const addresses = new Map<string, Address>();
  const graphs: HeapGraph[] = [];
  for (const [at, size] of sizes.entries()) {
    const heap = new RubyHeap(addresses, options.isNamed ?? true);
    draw(heap, size);
    graphs.push(await heap.read(`${String.fromCharCode(65 + at)}.json`));
  }
  return diagnose(dumpsOf(graphs), options);
}

/** `count` entries of a Hash: a String as key, an Array with a String as value. */
export function entries(heap: RubyHeap, count: number, prefix = 'user'): [Address, Address][] {
  return Array.from({ length: count }, (_, nth) => [
    heap.string(`${prefix} key ${nth}`, `${prefix}-${nth}`),
    heap.array(`${prefix} value ${nth}`, [heap.string(`${prefix} text ${nth}`, `text ${nth}`, 640)]),
  ]);
}
