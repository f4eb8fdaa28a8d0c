import { bytesSource } from '../../base/byte-source.ts';
import {
  type DrawnDump,
  type DrawnObject,
  type DrawnReferences,
  drawDump,
} from '../../formats/python-gc/draw-dump.ts';
import type { Family } from '../../formats/python-gc/raw.ts';
import { readPythonGc } from '../../formats/python-gc/read.ts';
import type { Diagnosis } from '../../model/finding.ts';
import type { HeapGraph } from '../../model/heap-graph.ts';
import { type DiagnoseOptions, diagnose } from '../diagnose.ts';
import { dumpsOf } from './diagnose-drawn.ts';

type Address = number;
type Named = { readonly [name: string]: Address };

const FAMILIES: Readonly<Record<string, Family>> = {
  dict: 'dict',
  'collections.defaultdict': 'dict',
  list: 'list',
  set: 'set',
  tuple: 'tuple',
  'collections.deque': 'deque',
  str: 'str',
  type: 'type',
  code: 'code',
  cell: 'cell',
  generator: 'generator',
  async_generator: 'generator',
  'functools._lru_cache_wrapper': 'lru',
  '_contextvars.Context': 'context',
  '_thread._local': 'local',
};

/** Objects of one Python process at one moment, as the agent writes them. A handle is one object at all moments. */
export class PythonHeap {
  private readonly objects = new Map<Address, DrawnObject>();
  private readonly references: DrawnReferences[] = [];
  private readonly texts = new Map<Address, string>();
  private readonly codes: unknown[][] = [];
  private readonly types = new Map<string, readonly unknown[]>();
  private readonly modules: [string, Address][] = [];
  private readonly threads: object[] = [];
  private readonly lru: unknown[][] = [];
  private readonly tasks: unknown[][] = [];
  private readonly files: string[] = [];

  constructor(
    private readonly addresses: Map<string, Address>,
    private readonly header: object,
  ) {}

  /** A module that was imported, with its globals. */
  module(name: string, globals: Named): Address {
    const space = this.put(`${name} globals`, 'dict', 232, Object.keys(globals).length);
    this.entriesOf(
      space,
      Object.entries(globals).map(([key, value]) => [this.text(`name ${key}`, key), value]),
    );
    const module = this.put(`module ${name}`, 'module', 72);
    this.layout(module, { __dict__: space }, 'i');
    this.modules.push([name, module]);
    return module;
  }

  /** A class of the program, written at `place` (`app.py:3`), with its attributes. */
  klass(name: string, attributes: Named = {}, place: string | null = null): Address {
    const [file, line] = place?.split(':') ?? ['', '0'];
    const address = this.put(`class ${name}`, 'type', 1064);
    this.types.set(name, [address, name, 0, file, Number(line)]);
    const space = this.put(`class ${name} dict`, 'dict', 232, Object.keys(attributes).length);
    this.entriesOf(
      space,
      Object.entries(attributes).map(([key, value]) => [this.text(`name ${key}`, key), value]),
    );
    this.layout(address, { __dict__: space }, 'i');
    return address;
  }

  /** A living thread, and the object of `threading` that stands for it. */
  thread(name: string, object: Address): void {
    this.threads.push({ ident: this.threads.length + 1, name, object, frames: [] });
  }

  object(handle: string, className: string, fields: Named = {}, bytes = 48): Address {
    const address = this.put(handle, className, bytes);
    this.layout(address, fields, 'p');
    return address;
  }

  /** An object whose references the agent could not name. */
  unnamed(handle: string, className: string, targets: readonly Address[], bytes = 48): Address {
    const address = this.put(handle, className, bytes);
    this.references.push({ role: 'slots', owner: address, targets });
    return address;
  }

  /** Makes objects refer to each other after both were drawn. */
  refer(from: Address, targets: readonly Address[]): void {
    this.references.push({ role: 'slots', owner: from, targets });
  }

  dict(
    handle: string,
    entries: readonly (readonly [Address, Address])[],
    className: string = 'dict',
  ): Address {
    const address = this.put(handle, className, 64 + 100 * entries.length, entries.length);
    this.entriesOf(address, entries);
    return address;
  }

  list(handle: string, items: readonly Address[], className: string = 'list'): Address {
    const address = this.put(handle, className, 56 + 8 * items.length, items.length);
    if (items.length > 0) this.references.push({ role: 'elements', owner: address, targets: items });
    return address;
  }

  text(handle: string, value: string, bytes: number = 49 + value.length): Address {
    const address = this.put(handle, 'str', bytes, value.length);
    this.texts.set(address, value);
    return address;
  }

  /** A function written at `place`, with defaults of its last arguments and captured variables by name. */
  function(handle: string, place: string, told: { defaults?: Named; captured?: Named } = {}): Address {
    const [file, line] = place.split(':') as [string, string];
    const name = handle.replace(/ .*/, '');
    const defaults = told.defaults ?? {};
    const captured = told.captured ?? {};
    if (!this.files.includes(file)) this.files.push(file);
    const code = this.put(`code ${name}`, 'code', 200);
    if (!this.codes.some(([address]) => address === code)) {
      const names = Object.keys(defaults);
      this.codes.push([
        code,
        name,
        this.files.indexOf(file),
        Number(line),
        names,
        names.length,
        Object.keys(captured),
        3,
      ]);
    }
    const parts: { [name: string]: Address } = {
      __code__: code,
      __qualname__: this.text(`name ${name}`, name),
      __module__: this.text(`name of ${file}`, file.replace(/\.py$/, '').replaceAll('/', '.')),
    };
    if (Object.keys(defaults).length > 0)
      parts['__defaults__'] = this.list(`${handle} defaults`, Object.values(defaults), 'tuple');
    if (Object.keys(captured).length > 0) {
      const cells = Object.entries(captured).map(([variable, value]) => {
        const cell = this.put(`${handle} cell ${variable}`, 'cell', 40);
        this.layout(cell, { cell_contents: value }, 'i');
        return cell;
      });
      parts['__closure__'] = this.list(`${handle} closure`, cells, 'tuple');
    }
    const address = this.put(handle, 'function', 152);
    this.layout(address, parts, 'i');
    return address;
  }

  /** What `functools.lru_cache` makes of a function. `maxsize` null: no limit. */
  lruCache(
    handle: string,
    told: { name: string; place: string; maxsize: number | null },
    entries: readonly (readonly [Address, Address])[],
  ): Address {
    const [file, line] = told.place.split(':') as [string, string];
    const address = this.put(handle, 'functools._lru_cache_wrapper', 200);
    this.layout(address, { cache: this.dict(`${handle} dict`, entries) }, 'i');
    this.lru.push([address, 10, entries.length, told.maxsize, entries.length, told.name, file, Number(line)]);
    return address;
  }

  /** An asyncio task that waits at `place`. */
  task(
    handle: string,
    told: {
      coroutine: string;
      startedAt: string;
      waitsAt: string;
      isDone?: boolean;
      /** Name and place of the function in which it waits there. */
      below?: readonly [string, string];
    },
    fields: Named = {},
  ): Address {
    const address = this.object(handle, '_asyncio.Task', fields, 200);
    const place = (text: string): [string, number] => {
      const [file, line] = text.split(':') as [string, string];
      return [file, Number(line)];
    };
    this.tasks.push([
      address,
      0,
      handle,
      told.isDone ?? false,
      [told.coroutine, ...place(told.startedAt)],
      [
        [told.coroutine, ...place(told.waitsAt)],
        ...(told.below ? [[told.below[0], ...place(told.below[1])]] : []),
      ],
      '_asyncio.Future',
    ]);
    return address;
  }

  async read(file: string): Promise<HeapGraph> {
    // Classes are objects too: by them two dumps are known to be of one process.
    for (const [name, address] of [...this.typeAddresses])
      if (!this.objects.has(address)) this.put(`class ${name}`, 'type', 1064);
    this.put('class type', 'type', 1064);
    const used = [...this.objects.values()];
    const types = new Map(this.types);
    for (const name of this.typeAddresses.keys())
      if (!types.has(name)) types.set(name, [this.typeAddresses.get(name), name, 0, '', 0]);
    const dump: DrawnDump = {
      header: this.header,
      types: [...types.values()],
      codes: { files: this.files, rows: this.codes },
      objects: used,
      references: this.references,
      texts: [...this.texts],
      roots: { modules: this.modules, threads: this.threads, interpreter: [], own: [] },
      facts: { lru: this.lru, tasks: this.tasks },
    };
    return readPythonGc(bytesSource(drawDump(dump), file));
  }

  private readonly typeAddresses = new Map<string, Address>();

  private put(handle: string, className: string, bytes: number, length?: number): Address {
    const address = this.address(handle);
    if (!this.typeAddresses.has(className))
      this.typeAddresses.set(className, this.address(`class ${className}`));
    const drawn: DrawnObject = {
      address,
      type: this.typeAddresses.get(className)!,
      family: FAMILIES[className] ?? 'object',
      bytes,
    };
    this.objects.set(address, length === undefined ? drawn : { ...drawn, length });
    return address;
  }

  private layout(owner: Address, fields: Named, kind: 'i' | 'p'): void {
    const names = Object.keys(fields).map((name) => [kind, name] as const);
    if (names.length > 0)
      this.references.push({ role: 'layout', owner, targets: Object.values(fields), names });
  }

  private entriesOf(owner: Address, entries: readonly (readonly [Address, Address])[]): void {
    if (entries.length > 0) this.references.push({ role: 'entries', owner, targets: entries.flat() });
  }

  private address(handle: string): Address {
    let address = this.addresses.get(handle);
    if (address === undefined) {
      address = 0x7f12_0000_0000 + this.addresses.size * 64;
      this.addresses.set(handle, address);
    }
    return address;
  }
}

/** Diagnoses moments of one Python process, one for each size of what grows. */
export async function diagnosePython(
  sizes: readonly number[],
  draw: (heap: PythonHeap, size: number) => void,
  options: DiagnoseOptions & { header?: object } = {},
): Promise<Diagnosis> {
  const addresses = new Map<string, Address>();
  const graphs: HeapGraph[] = [];
  for (const [at, size] of sizes.entries()) {
    const heap = new PythonHeap(addresses, {
      schema: 'stanch/python-gc@1',
      pid: 7,
      python: '3.11.2',
      mode: 'fork',
      gc: { enabled: true, thresholds: [700, 10, 10] },
      ...options.header,
    });
    draw(heap, size);
    graphs.push(await heap.read(`${String.fromCharCode(65 + at)}.pygc`));
  }
  return diagnose(dumpsOf(graphs), options);
}

/** `count` entries of a dict: a text as key, an object of this class with a text of its own as value. */
export function pairs(
  heap: PythonHeap,
  count: number,
  className: string = 'app.User',
  from: number = 0,
): [Address, Address][] {
  return Array.from({ length: count }, (_, at) => {
    const nth = from + at;
    return [heap.text(`key ${nth}`, `user-${nth}`), member(heap, nth, className)];
  });
}

/** `count` objects of a class, each with a text of its own. */
export function things(
  heap: PythonHeap,
  count: number,
  className: string = 'app.User',
  from: number = 0,
): Address[] {
  return Array.from({ length: count }, (_, at) => member(heap, from + at, className));
}

function member(heap: PythonHeap, nth: number, className: string): Address {
  return heap.object(`${className} ${nth}`, className, {
    text: heap.text(`${className} text ${nth}`, `text ${nth}`, 640),
  });
}
