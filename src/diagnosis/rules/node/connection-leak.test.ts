import { expect, test } from 'vitest';
import { SERVICE, series } from '../../../formats/v8-heapsnapshot/draw-process.ts';
import { diagnoseDrawn, leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';

const STEADY = [40, 80, 120];

/** Open sockets as Node holds them: a handle that libuv knows, with the Socket behind it. */
const sockets = (group: string): string => `
  ${SERVICE}
  root -[]-> gcRoots:synthetic"(GC roots)" -[]-> handles:synthetic"(Global handles)" -[]-> ${group}:TCP#120
`;

const leaks = [
  {
    name: 'each request makes an agent, whose idle connection nobody asks for again',
    dumps: series(
      STEADY,
      (n) => `
      ${sockets(`tcp*${n}`)}
      tcp -."<symbol owner_symbol>"-> socket*:Socket#320 -.agent-> agent*:Agent#200 -.freeSockets-> free*:Object#40`,
    ),
    leak: { growth: { objects: 80 } },
  },
];

test.each(leaks)('leaks: $name', async ({ dumps, leak }) => {
  const found = leaksOf(await diagnoseDrawn(dumps));
  expect(found).toMatchObject([{ pattern: 'connection-leak', ...leak }]);
  expect(found[0]!.title).toMatch(/^Connections stay open in agents of their own/);
});

const clean = [
  {
    name: 'ten thousand live connections, none of which is new',
    dumps: series(
      [1, 2, 3],
      (n) => `
      ${sockets('tcp*10000')}
      scope -$count-> count:number"heap number"#${n * 16}
      tcp -."<symbol owner_symbol>"-> socket*:Socket#320`,
    ),
  },
  {
    name: 'clients come and go: other connections in each dump, as many as before',
    dumps: ['a', 'b', 'c'].map(
      (name) => `
      ${sockets(`${name}*200`)}
      ${name} -."<symbol owner_symbol>"-> socket${name}*:Socket#320`,
    ),
  },
  {
    name: 'a pool of keep-alive connections that is full by the second dump',
    dumps: series(
      [4, 128, 128],
      (n) => `
      ${sockets(`tcp*${n}`)}
      tcp -."<symbol owner_symbol>"-> socket*:Socket#320 -.agent-> agent:Agent#200`,
    ),
  },
  {
    name: 'an agent for each request that is destroyed with it',
    dumps: ['a', 'b', 'c'].map(
      (name) => `
      ${sockets(`${name}*50`)}
      ${name} -."<symbol owner_symbol>"-> socket${name}*:Socket#320 -.agent-> agent${name}*:Agent#200`,
    ),
  },
  {
    name: 'two dumps with more connections than before',
    dumps: series(
      [40, 120],
      (n) => `
      ${sockets(`tcp*${n}`)}
      tcp -."<symbol owner_symbol>"-> socket*:Socket#320 -.agent-> agent*:Agent#200`,
    ),
  },
];

test.each(clean)('clean: $name', async ({ dumps }) => {
  expect(leaksOf(await diagnoseDrawn(dumps))).toEqual([]);
});

test('connections of one agent are a pool, and clients that stay speak against a leak', async () => {
  const dumps = series(
    STEADY,
    (n) => `
    ${sockets(`tcp*${n}`)}
    tcp -."<symbol owner_symbol>"-> socket*:Socket#320 -.agent-> agent:Agent#200`,
  );
  const [finding] = (await diagnoseDrawn(dumps)).findings;
  expect(finding!.pattern).not.toBe('connection-leak');
  expect(finding!.against.join()).toContain('they live as long as their clients stay');
  expect(finding!.confidence).toBeLessThan(0.5);
});

test.each([
  {
    name: 'an agent for each of twelve hosts',
    dumps: series(
      [0, 5, 10],
      (n) => `
      ${sockets(`idle*3`)}
      ${Array.from(
        { length: 12 },
        (_, host) =>
          `handles -[]-> t${host}_*${n}:TCP#120 -.socket-> s${host}_*:Socket#320 -.agent-> agent${n > 0 ? host : 'None'}_:Agent#200`,
      ).join('\n')}`,
    ),
  },
  {
    name: 'seven agents among a few connections',
    dumps: [
      [0, 4],
      [4, 8],
      [7, 13],
    ].map(
      ([own, other]) => `
      ${sockets(`other*${other}`)}
      handles -[]-> own*${own}:TCP#4000 -.socket-> socket*:Socket#320 -.agent-> agent*:Agent#200`,
    ),
  },
])('$name are no agents of their own', async ({ dumps }) => {
  const { findings, harmless } = await diagnoseDrawn(dumps);
  expect(findings.length + harmless.length).toBeGreaterThan(0);
  expect(findings.map(({ pattern }) => pattern)).not.toContain('connection-leak');
});

test('with the source, the line that makes the agents is named', async () => {
  const dumps = series(
    STEADY,
    (n) => `
    ${sockets(`tcp*${n}`)}
    tcp -."<symbol owner_symbol>"-> socket*:Socket#320 -.agent-> agent*:Agent#200`,
  );
  const code =
    'import http from "node:http";\nexport const ask = (url) =>\n  http.get(url, { agent: new http.Agent({ keepAlive: true }) });\n';
  const { findings } = await diagnoseDrawn(dumps, { source: sourceTree({ 'app/ask.js': code }) });
  expect(findings[0]!.location).toEqual({ file: 'app/ask.js', line: 3, role: 'adds' });
});
