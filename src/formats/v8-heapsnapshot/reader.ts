import { FormatError } from '../../base/errors.ts';
import { type Input, invalid, isSpace, type Section } from './input.ts';
import { type Layout, layoutOf } from './meta.ts';
import { NumberSection } from './number-section.ts';
import { EdgeRecords, FlatRecords, NodeRecords } from './records.ts';
import { ValueSection } from './skip-section.ts';
import { StringSection } from './string-section.ts';
import { TraceTreeSection } from './trace-tree-section.ts';

const MAX_HEADER_BYTES = 1 << 20;
const MAX_KEY_BYTES = 256;

type Expecting = 'open' | 'key' | 'in-key' | 'colon' | 'value' | 'in-value' | 'comma' | 'end';

export interface ReaderOptions {
  input: Input;
  sizeBytes: number | null;
  readAt: ((offset: number, length: number) => Uint8Array) | null;
}

/** The outermost object of the file: finds its sections by name, in whatever order they come, and fills the tables. */
export class SnapshotReader {
  layout: Layout | null = null;
  nodes: NodeRecords | null = null;
  edges: EdgeRecords | null = null;
  strings: StringSection | null = null;
  traceTree: TraceTreeSection | null = null;
  readonly flat: Record<'locations' | 'samples' | 'trace_function_infos', FlatRecords> = {
    locations: new FlatRecords(),
    samples: new FlatRecords(),
    trace_function_infos: new FlatRecords(),
  };
  /** Names of the sections that were read to their end. */
  readonly complete: Set<string> = new Set();

  private expecting: Expecting = 'open';
  private key: number[] = [];
  private sectionName = '';
  private section: Section | null = null;
  private numbers: NumberSection | null = null;

  constructor(private readonly options: ReaderOptions) {}

  get finished(): boolean {
    return this.expecting === 'end';
  }

  /** Name of the section that is being read, for progress and errors. */
  get current(): string {
    return this.sectionName || 'header';
  }

  feed(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.section) {
        at = this.section.feed(chunk, at);
        if (this.section.done) this.endSection(at);
      } else {
        at = this.structure(chunk, at);
      }
    }
  }

  /** Hands over what the unfinished section has, for a file that ends too early. */
  flush(): void {
    this.numbers?.flush();
  }

  private structure(chunk: Uint8Array, at: number): number {
    const { input } = this.options;
    const byte = chunk[at]!;
    if (this.expecting === 'in-key') {
      if (byte === 0x22) this.expecting = 'colon';
      else if (this.key.push(byte) > MAX_KEY_BYTES) throw invalid(input, at, 'a section name');
      return at + 1;
    }
    if (isSpace(byte)) return at + 1;
    switch (this.expecting) {
      case 'open':
        if (byte !== 0x7b) throw invalid(input, at, "'{' at the start of a heap snapshot", byte);
        this.expecting = 'key';
        return at + 1;
      case 'key':
        if (byte !== 0x22) throw invalid(input, at, 'the name of a section in quotes', byte);
        this.key = [];
        this.expecting = 'in-key';
        return at + 1;
      case 'colon':
        if (byte !== 0x3a) throw invalid(input, at, "':'", byte);
        this.expecting = 'value';
        return at + 1;
      case 'value':
        return this.beginSection(byte, at);
      case 'comma':
        if (byte === 0x2c) this.expecting = 'key';
        else if (byte === 0x7d) this.expecting = 'end';
        else throw invalid(input, at, "',' or '}' behind a section", byte);
        return at + 1;
      default:
        throw invalid(input, at, 'nothing behind the end of the snapshot', byte);
    }
  }

  private beginSection(byte: number, at: number): number {
    const { input, sizeBytes, readAt } = this.options;
    const name = new TextDecoder().decode(Uint8Array.from(this.key));
    this.sectionName = name;
    this.expecting = 'in-value';
    this.numbers = null;
    if (name === 'snapshot') {
      this.section = new ValueSection(MAX_HEADER_BYTES);
      return at;
    }
    const isArray = byte === 0x5b;
    if (!isArray && KNOWN_ARRAYS.has(name)) throw invalid(input, at, `'[' at the start of "${name}"`, byte);
    if (KNOWN_ARRAYS.has(name) && this.complete.has(name)) throw invalid(input, at, `"${name}" only once`);
    switch (name) {
      case 'nodes': {
        const layout = this.needLayout(at);
        this.nodes = new NodeRecords(input, layout, sizeBytes);
        this.numbers = new NumberSection(input, name, layout.nodeStride, this.nodes);
        break;
      }
      case 'edges': {
        const layout = this.needLayout(at);
        if (!this.nodes || !this.complete.has('nodes')) throw invalid(input, at, '"nodes" before "edges"');
        this.edges = new EdgeRecords(input, layout, this.nodes, sizeBytes);
        this.numbers = new NumberSection(input, name, layout.edgeStride, this.edges);
        break;
      }
      case 'strings':
        this.strings = new StringSection(input, readAt);
        this.section = this.strings;
        return at + 1;
      case 'trace_tree':
        this.traceTree = new TraceTreeSection(input, this.needLayout(at).header.meta.trace_node_fields ?? TRACE_NODE_FIELDS);
        this.section = this.traceTree;
        return at + 1;
      case 'locations':
      case 'samples':
      case 'trace_function_infos':
        this.numbers = new NumberSection(input, name, 1, this.flat[name]);
        break;
      default:
        this.section = new ValueSection();
        return at;
    }
    this.section = this.numbers;
    return at + 1;
  }

  private endSection(at: number): void {
    const { input } = this.options;
    if (this.sectionName === 'snapshot') this.takeHeader((this.section as ValueSection).text(), at);
    if (this.sectionName === 'nodes') {
      const announced = this.layout!.header.node_count;
      if (this.nodes!.count !== announced) {
        throw invalid(input, at, `${announced} nodes, as the header says, but "nodes" holds ${this.nodes!.count}`);
      }
    }
    if (this.sectionName === 'edges') {
      const { count } = this.edges!;
      const announced = this.layout!.header.edge_count;
      if (count !== announced) throw invalid(input, at, `${announced} edges, as the header says, but "edges" holds ${count}`);
      if (count !== this.nodes!.edges) {
        throw invalid(input, at, `${this.nodes!.edges} edges, as the nodes' edge counts add up to, but "edges" holds ${count}`);
      }
    }
    this.complete.add(this.sectionName);
    this.section = null;
    this.numbers = null;
    this.expecting = 'comma';
  }

  private takeHeader(text: string | null, at: number): void {
    const { input } = this.options;
    if (text === null) throw invalid(input, at, `a "snapshot" header of less than ${MAX_HEADER_BYTES} bytes`);
    let header: unknown;
    try {
      header = JSON.parse(text);
    } catch (cause) {
      throw new FormatError({ file: input.file, offset: input.chunkOffset + at - text.length, expected: '"snapshot" to be JSON', cause });
    }
    const layout = layoutOf(header);
    if (typeof layout === 'string') throw invalid(input, at, layout);
    this.layout = layout;
  }

  private needLayout(at: number): Layout {
    if (!this.layout) throw invalid(this.options.input, at, '"snapshot" before all other sections');
    return this.layout;
  }
}

const TRACE_NODE_FIELDS = ['id', 'function_info_index', 'count', 'size', 'children'];
const KNOWN_ARRAYS = new Set(['nodes', 'edges', 'strings', 'locations', 'samples', 'trace_function_infos', 'trace_tree']);
