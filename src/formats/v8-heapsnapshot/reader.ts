import { FormatError } from '../../base/errors.ts';
import type { EdgeTable } from './edges-aside.ts';
import { DAMAGED_HINT, type Input, invalid, isSpace, type Section } from './input.ts';
import { type Layout, layoutOf } from './meta.ts';
import { NumberSection, type RecordConsumer } from './number-section.ts';
import { EdgeRecords, FlatRecords, NodeRecords, SampleRecords } from './records.ts';
import { KeptSection, ValueSection } from './skip-section.ts';
import { StringSection } from './string-section.ts';
import { TraceTreeSection } from './trace-tree-section.ts';

const MAX_HEADER_BYTES = 1 << 20;
const MAX_KEY_BYTES = 256;

type Expecting = 'open' | 'key' | 'in-key' | 'colon' | 'value' | 'in-value' | 'comma' | 'end';

export interface ReaderOptions {
  input: Input;
  sizeBytes: number | null;
  readAt: ((offset: number, length: number) => Uint8Array) | null;
  /** The edges are read by another thread: `feed` stops in front of them. */
  edgesElsewhere?: boolean;
}

/** The outermost object of the file: finds its sections by name, in whatever order they come, and fills the tables. */
export class SnapshotReader {
  layout: Layout | null = null;
  nodes: NodeRecords | null = null;
  edges: EdgeTable | null = null;
  /** Offset of the first byte behind the `[` of "nodes", once that is known. */
  nodesOffset: number | null = null;
  /** True when `feed` has stopped in front of edges that are read elsewhere. */
  awaitsEdges = false;
  strings: StringSection | null = null;
  traceTree: TraceTreeSection | null = null;
  readonly locations: FlatRecords = new FlatRecords();
  readonly traceFunctions: FlatRecords = new FlatRecords();
  readonly samples: SampleRecords = new SampleRecords();
  /** Names of the sections that were read to their end. */
  readonly complete: Set<string> = new Set();

  private expecting: Expecting = 'open';
  private key: number[] = [];
  private sectionName = '';
  private sectionOffset = 0;
  private section: Section | null = null;
  private numbers: NumberSection | null = null;

  constructor(private readonly options: ReaderOptions) {}

  get finished(): boolean {
    return this.expecting === 'end';
  }

  /** True when the file has ended where it should, with all that a graph is made of. */
  get whole(): boolean {
    return this.finished && this.nodes !== null && this.edges !== null && this.strings !== null;
  }

  /** What would have to come next, for a file that ends here. */
  get awaited(): string {
    if (this.section) return `more of "${this.sectionName}"`;
    if (this.finished) return 'sections "nodes", "edges" and "strings"';
    return this.sectionName === '' ? 'a V8 heap snapshot' : `more sections behind "${this.sectionName}"`;
  }

  /** Returns how many bytes were eaten: all, unless it stopped in front of the edges. */
  feed(chunk: Uint8Array): number {
    let at = 0;
    while (at < chunk.length && !this.awaitsEdges) {
      if (this.section) {
        at = this.section.feed(chunk, at);
        if (this.section.done) this.endSection(at);
      } else {
        at = this.structure(chunk, at);
      }
    }
    return at;
  }

  /** Goes on behind the edges. */
  passEdges(): void {
    this.awaitsEdges = false;
    this.expecting = 'comma';
  }

  /** Takes edges that were read elsewhere; false when they do not fit the nodes. */
  takeEdges(edges: EdgeTable): boolean {
    if (edges.count !== this.nodes?.edges) return false;
    this.edges = edges;
    this.complete.add('edges');
    return true;
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
    this.sectionOffset = input.chunkOffset + at;
    this.expecting = 'in-value';
    const isArray = KNOWN_ARRAYS.has(name);
    if (isArray && byte !== 0x5b) throw invalid(input, at, `'[' at the start of "${name}"`, byte);
    if ((isArray || name === HEADER) && this.complete.has(name))
      throw invalid(input, at, `"${name}" only once`);
    const numbers = (stride: number, consumer: RecordConsumer): NumberSection => {
      this.numbers = new NumberSection(input, name, stride, consumer);
      return this.numbers;
    };
    switch (name) {
      case HEADER:
        this.section = new KeptSection(input, name, MAX_HEADER_BYTES);
        return at;
      case 'nodes': {
        const layout = this.needLayout(at);
        this.nodes = new NodeRecords(layout, sizeBytes);
        this.nodesOffset = this.sectionOffset + 1;
        this.section = numbers(layout.nodeStride, this.nodes);
        break;
      }
      case 'edges': {
        const layout = this.needLayout(at);
        if (!this.nodes || !this.complete.has('nodes')) throw invalid(input, at, '"nodes" before "edges"');
        if (this.options.edgesElsewhere) {
          this.awaitsEdges = true;
          return at;
        }
        const edges = new EdgeRecords(layout, this.nodes, sizeBytes);
        this.edges = edges;
        this.section = numbers(layout.edgeStride, edges);
        break;
      }
      case 'strings':
        this.section = this.strings = new StringSection(input, readAt);
        break;
      case 'trace_tree':
        this.section = this.traceTree = new TraceTreeSection(input, this.needLayout(at).traceNodeFields);
        break;
      case 'locations':
        this.section = numbers(this.needLayout(at).location.stride, this.locations);
        break;
      case 'samples':
        this.section = numbers(this.needLayout(at).sample.stride, this.samples);
        break;
      case 'trace_function_infos':
        this.section = numbers(this.needLayout(at).traceFunction.stride, this.traceFunctions);
        break;
      default:
        this.section = new ValueSection();
        return at;
    }
    return at + 1;
  }

  private endSection(at: number): void {
    const { input } = this.options;
    if (this.section instanceof KeptSection) this.takeHeader(this.section.text());
    if (this.sectionName === 'nodes') {
      const announced = this.layout!.header.node_count;
      if (this.nodes!.count !== announced) {
        throw invalid(
          input,
          at,
          `${announced} nodes, as the header says, but "nodes" holds ${this.nodes!.count}`,
        );
      }
    }
    if (this.sectionName === 'edges') {
      const { count } = this.edges!;
      const announced = this.layout!.header.edge_count;
      if (count !== announced)
        throw invalid(input, at, `${announced} edges, as the header says, but "edges" holds ${count}`);
      if (count !== this.nodes!.edges) {
        throw invalid(
          input,
          at,
          `${this.nodes!.edges} edges, as the nodes' edge counts add up to, but "edges" holds ${count}`,
        );
      }
    }
    this.complete.add(this.sectionName);
    this.section = null;
    this.numbers = null;
    this.expecting = 'comma';
  }

  private takeHeader(text: string): void {
    const place = { file: this.options.input.file, offset: this.sectionOffset };
    let header: unknown;
    try {
      header = JSON.parse(text);
    } catch (cause) {
      throw new FormatError({ ...place, expected: '"snapshot" to be JSON', hint: DAMAGED_HINT, cause });
    }
    const layout = layoutOf(header);
    if (typeof layout === 'string') throw new FormatError({ ...place, expected: layout, hint: DAMAGED_HINT });
    this.layout = layout;
  }

  private needLayout(at: number): Layout {
    if (!this.layout) throw invalid(this.options.input, at, '"snapshot" before all other sections');
    return this.layout;
  }
}

const HEADER = 'snapshot';
const KNOWN_ARRAYS = new Set([
  'nodes',
  'edges',
  'strings',
  'locations',
  'samples',
  'trace_function_infos',
  'trace_tree',
]);
