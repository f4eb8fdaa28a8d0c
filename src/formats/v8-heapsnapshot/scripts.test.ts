import { expect, test } from 'vitest';
import { drawProcess } from './draw-process.ts';
import { DIALECTS } from './draw-snapshot.ts';

const idOf = (graph: { locations: { scriptId: Uint32Array } }): number => graph.locations.scriptId[0]!;

test.each(Object.entries(DIALECTS))(
  '%s: the path of a script is found through a closure',
  async (_, dialect) => {
    const [graph] = await drawProcess(['root -> f:closure"go"<app/go.js:2:2>'], dialect);
    expect(graph!.scripts.pathOf(idOf(graph!))).toBe('app/go.js');
  },
);

test.each([
  ['file:///srv/app/server.js', '/srv/app/server.js'],
  ['file:///srv/my%20app/server.js', '/srv/my app/server.js'],
  ['/srv/100%/server.js', '/srv/100%/server.js'],
  ['node:events', 'node:events'],
  ['https://app.example/main.js', 'https://app.example/main.js'],
])('%s is the script %s', async (written, path) => {
  const [graph] = await drawProcess([`root -> f:closure"go"<${written}:2:2>`]);
  expect(graph!.scripts.pathOf(idOf(graph!))).toBe(path);
});

test('a debugger stands between a function and its script', async () => {
  const [graph] = await drawProcess([
    `
    root -> f:closure"go"<app/go.js:2:2>
    root -> g:closure"other"<app/other.js:1:1>
    g -#shared-> shared:code -#script_or_debug_info-> debug:code"system / DebugInfo" -#script-> script:code"/srv/other.js"`,
  ]);
  const { locations, scripts } = graph!;
  const paths = [...locations.scriptId].map((id) => scripts.pathOf(id));
  expect(paths).toContain('app/go.js');
  expect(paths).toContain('/srv/other.js');
});

test('an unknown script has no path and no map', async () => {
  const [graph] = await drawProcess(['root -> f:closure"go"<app/go.js:2:2>']);
  expect(graph!.scripts.pathOf(4711)).toBe(null);
  expect(graph!.scripts.sourceMapUrlOf(4711)).toBe(null);
});

test.each([
  ['go.js.map', 'go.js.map'],
  ['data:application/json;base64,eyJ2', 'data:application/json;base64,eyJ2'],
  ['just a string', null],
])('a script that holds %j has the source map %j', async (string, url) => {
  const [graph] = await drawProcess([
    `
    root -> f:closure"go"<app/go.js:2:2> -#shared-> shared:code -#script_or_debug_info-> script:code"app/go.js"
    script -~5-> held:string${JSON.stringify(string)}`,
  ]);
  expect(graph!.scripts.sourceMapUrlOf(idOf(graph!))).toBe(url);
});
