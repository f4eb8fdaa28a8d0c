import { expect, test } from 'vitest';
import { meaningTree } from '../../analysis/meaning-tree.ts';
import { bytesSource } from '../../base/byte-source.ts';
import type { HeapGraph } from '../../model/heap-graph.ts';
import { readRubyDump } from './read.ts';

/** Ruby 3.1: no shapes. A closure, a thread with a table of locals, two instances, a global. */
const DUMP = `{"type":"ROOT", "root":"vm", "references":["0x1000", "0x1028", "0x10a0", "0x10f0"]}
{"type":"ROOT", "root":"machine_context", "references":["0x1050"]}
{"address":"0x1000", "type":"CLASS", "name":"Cache", "references":["0x1050", "0x1078"], "memsize":500}
{"address":"0x1028", "type":"CLASS", "name":"Hash", "references":[], "memsize":500}
{"address":"0x1050", "type":"OBJECT", "class":"0x1000", "ivars":3, "references":["0x1078", "0x1078"], "memsize":40}
{"address":"0x1078", "type":"HASH", "class":"0x1028", "size":0, "memsize":40}
{"address":"0x10a0", "type":"DATA", "class":"0x1118", "struct":"proc", "references":["0x1050", "0x10c8"], "memsize":80}
{"address":"0x10c8", "type":"IMEMO", "imemo_type":"env", "references":["0x1140", "0x1078"], "memsize":40}
{"address":"0x10f0", "type":"DATA", "class":"0x1168", "struct":"VM/thread", "references":["0x1190"], "memsize":40}
{"address":"0x1118", "type":"CLASS", "name":"Proc", "memsize":500}
{"address":"0x1140", "type":"IMEMO", "imemo_type":"env", "references":["0x1050", "0x1140"], "memsize":40}
{"address":"0x1168", "type":"CLASS", "name":"Thread", "memsize":500}
{"address":"0x1190", "type":"HASH", "class":"0x1028", "size":1, "references":["0x1078"], "memsize":40}
`;
const HEAD =
  '{"t":"head","schema":"stanch/ruby-names@1","pid":7,"ruby":"3.1.2","rss":1000,"gcDisabled":true,"settings":["A=1"]}\n';
const END = '{"t":"end"}\n';

function read(names: string | null): Promise<HeapGraph> {
  return readRubyDump(bytesSource(new TextEncoder().encode(DUMP)), {
    names: names === null ? null : bytesSource(new TextEncoder().encode(names), 'x.names.jsonl'),
  });
}

/** `source label target` of all references, sources by name. */
function references(graph: HeapGraph): string[] {
  const describer = graph.newDescriber();
  const lines: string[] = [];
  for (let node = 0; node < graph.nodeCount; node++)
    for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++)
      lines.push(
        `${describer.shape(node).text} ${describer.label(node, edge)} ${describer.shape(graph.edgeTarget[edge]!).text}`,
      );
  return lines;
}

test('names of variables, constants, globals and locals go to the references that hold the objects', async () => {
  const graph = await read(
    `${HEAD}{"t":"edge","kind":"cvar","from":"0x1000","name":"@@instance","to":"0x1050"}
{"t":"edge","kind":"const","from":"0x1000","name":"EMPTY","to":"0x1078"}
{"t":"edge","kind":"ivar","from":"0x1050","name":"@first","to":"0x1078"}
{"t":"edge","kind":"ivar","from":"0x1050","name":"@second","to":"0x1078"}
{"t":"edge","kind":"local","from":"0x10a0","name":"request","to":"0x1078"}
{"t":"edge","kind":"local","from":"0x10a0","name":"outer","to":"0x1050"}
{"t":"edge","kind":"threadlocal","from":"0x10f0","name":"session","to":"0x1078"}
{"t":"edge","kind":"global","name":"$cache","to":"0x1050"}
{"t":"class","at":"0x1000","name":"Cache","file":"app/cache.rb","line":3}
{"t":"proc","at":"0x10a0","file":"app/hooks.rb","line":9,"locals":["request"]}
{"t":"thread","at":"0x10f0","name":"worker"}
{"t":"something-new","at":1}
${END}`,
  );
  expect(references(graph)).toEqual(
    expect.arrayContaining([
      'class Cache .@@instance Cache',
      'class Cache .EMPTY Hash',
      'Cache .@first Hash',
      'Cache .@second Hash',
      '(closure variables) $request Hash',
      '(closure variables) $outer Cache',
      'Hash .session Hash',
      '(globals) .$cache Cache',
      '(threads) ~ Thread',
      'Proc #env (closure variables)',
    ]),
  );
  expect(graph.warnings).toEqual([]);
  expect(graph.process).toMatchObject({ pid: 7, version: '3.1.2', rssBytes: 1000, collects: false });
  const describer = graph.newDescriber();
  const { parent } = meaningTree(graph);
  const shapes = [...Array(graph.nodeCount).keys()].map((node) => describer.shape(node));
  expect(shapes.find(({ text }) => text === 'Cache')!.location).toEqual({
    file: 'app/cache.rb',
    line: 3,
    column: 1,
  });
  expect(shapes.find(({ text }) => text === 'Proc')!.location?.line).toBe(9);
  // The global, not the stack, is how a programmer knows the object.
  const cache = shapes.findIndex(({ text }) => text === 'Cache');
  expect(shapes[parent[cache]!]!.text).toBe('(globals)');
});

test('the names of a layout fit objects in order, with "one of" where immediates are missing', async () => {
  const graph = await read(
    `${HEAD}{"t":"layout","class":"0x1000","ivars":["@a","@b","@c"],"instances":100}\n${END}`,
  );
  expect(references(graph)).toEqual(
    expect.arrayContaining(['Cache .one of @a, @b Hash', 'Cache .one of @b, @c Hash']),
  );
});

test('a names file of another dump, a cut one and one that is none are told apart', async () => {
  const elsewhere = await read(`${HEAD}{"t":"class","at":"0x9000","name":"Cache"}\n${END}`);
  expect(elsewhere.warnings[0]).toContain('belongs to another dump');
  expect(elsewhere.process).toBeNull();
  const cut = await read(`${HEAD}{"t":"class","at":"0x1000","name":"Cache"}\n{"t":"ed`);
  expect(cut.warnings).toEqual([
    'x.names.jsonl is not complete: some references have no names',
    'x.names.jsonl: 1 of its lines could not be understood',
  ]);
  expect((await read('hello\n')).warnings[0]).toContain('no names file of the Stanch agent');
  expect((await read(null)).warnings).toHaveLength(1);
});
