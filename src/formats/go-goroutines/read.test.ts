import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ByteSource, bytesSource } from '../../base/byte-source.ts';
import { FormatError } from '../../base/errors.ts';
import {
  framesOf,
  GOROUTINE_BUBBLE,
  GOROUTINE_DURABLE,
  GOROUTINE_ELIDED,
  GOROUTINE_LEAKED,
  GOROUTINE_LOCKED,
  type GoroutineDump,
} from '../../model/goroutines.ts';
import { detectGoroutines } from './detect.ts';
import { RUNTIME_LIMIT_BYTES, readGoroutines } from './read.ts';

const FORMS = new URL('../../../fixtures/go-goroutines/forms/', import.meta.url);
const files = readdirSync(FORMS).filter((name) => name.endsWith('.txt.gz'));

function fixture(name: string): Buffer {
  return gunzipSync(readFileSync(new URL(name, FORMS)));
}

function read(text: string | Uint8Array, chunkBytes?: number): Promise<GoroutineDump[]> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return readGoroutines(bytesSource(bytes, 'dump.txt', chunkBytes));
}

async function only(text: string): Promise<GoroutineDump> {
  const dumps = await read(text);
  expect(dumps).toHaveLength(1);
  return dumps[0]!;
}

/** What a regular expression finds, goroutine by goroutine; slow and obvious. Scheduler stacks (id 0) do not count. */
function obvious(text: string): { id: number; functions: string[]; creator: number }[] {
  return text
    .split(/\n\n/)
    .map((block) => /(?:^|\n)goroutine (\d+) [\s\S]*/.exec(block))
    .filter((match) => match !== null && match[1] !== '0')
    .map((match) => {
      const own = match![0].trim().replace(/\n\[originating[\s\S]*/, '');
      const lines = own.split('\n').slice(1);
      return {
        id: Number(match![1]),
        functions: lines
          .filter((line) => /^(?!\t|created by |r[a-z0-9]+ |[cfg]s ).*\)$|^\.\.\./.test(line))
          .map((line) => (line.startsWith('...') ? '...' : line.slice(0, line.lastIndexOf('(')))),
        creator: Number(/ in goroutine (\d+)$/m.exec(own)?.[1] ?? 0),
      };
    });
}

function plain(dump: GoroutineDump): { id: number; functions: string[]; creator: number }[] {
  return Array.from(dump.id, (id, row) => ({
    id,
    functions: framesOf(dump, dump.stack[row]!).map((frame) => frame.function),
    creator: dump.creatorId[row]!,
  }));
}

test.each(files)('every goroutine of %s is read, frame by frame', async (name) => {
  const bytes = fixture(name);
  const dumps = await read(bytes);
  expect(dumps).toHaveLength(1);
  expect(plain(dumps[0]!)).toEqual(obvious(bytes.toString()));
  expect(dumps[0]).toMatchObject({ cut: null, unreadable: null, repeated: 0 });
  expect(detectGoroutines(bytes.subarray(0, 4096))).toBeGreaterThan(0.3);
});

test.each(files.filter((name) => name.includes('crash')))('%s says what ended the process', async (name) => {
  const [dump] = await read(fixture(name));
  expect(dump!.cause).toMatch(/^(?:panic|fatal error|SIGQUIT|runtime): /);
});

const BODY =
  'main.work(0x1)\n\t/srv/main.go:7 +0x1f\ncreated by main.main in goroutine 1\n\t/srv/main.go:3 +0x2\n';
const LABELS = [
  { key: 'route', value: '/v1/"quoted"' },
  { key: 'tenant', value: 'acme co' },
];

test.each([
  ['[chan receive]', { state: 'chan receive' }],
  ['[chan receive, 1 minutes]', { state: 'chan receive', minutes: 1 }],
  ['[select (no cases)]', { state: 'select (no cases)' }],
  ['[chan receive (nil chan), 12 minutes]', { state: 'chan receive (nil chan)', minutes: 12 }],
  ['[chan receive (leaked)]', { state: 'chan receive', flags: GOROUTINE_LEAKED }],
  ['[select (no cases) (leaked)]', { state: 'select (no cases)', flags: GOROUTINE_LEAKED }],
  ['[syscall, 3 minutes, locked to thread]', { state: 'syscall', minutes: 3, flags: GOROUTINE_LOCKED }],
  ['[sleep (durable), synctest bubble 1]', { state: 'sleep', flags: GOROUTINE_DURABLE | GOROUTINE_BUBBLE }],
  ['gp=0x3657a7a872c0 m=nil [sync.Mutex.Lock]', { state: 'sync.Mutex.Lock' }],
  ['gp=0x6968a0 m=0 mp=0x697660 [running]', { state: 'running' }],
  [
    '[chan receive labels:{"route": "/v1/\\"quoted\\"", "tenant": "acme co"}]',
    { state: 'chan receive', labels: LABELS },
  ],
  [
    '[chan receive] {route: "/v1/\\"quoted\\"", tenant: "acme co"}',
    { state: 'chan receive', labels: LABELS },
  ],
  ['[a wait of the year 2030 (sort of)]', { state: 'a wait of the year 2030 (sort of)' }],
])(
  'the header %s',
  async (header, want: { state: string; minutes?: number; flags?: number; labels?: unknown }) => {
    const dump = await only(`goroutine 26 ${header}:\n${BODY}\n`);
    expect(dump.states[dump.state[0]!]).toBe(want.state);
    expect(dump.waitMinutes[0]).toBe(want.minutes ?? 0);
    expect(dump.flags[0]).toBe(want.flags ?? 0);
    expect(dump.labelSets[dump.labelSet[0]!]).toEqual(want.labels ?? []);
    expect(dump.creations[dump.creation[0]!]).toEqual({
      function: 'main.main',
      file: '/srv/main.go',
      line: 3,
      pcOffset: 2,
    });
  },
);

test.each([
  ['a time', '2024-01-15T03:42:18Z INFO  '],
  ['the time of Go’s log', '2024/01/15 03:42:18 '],
  ['a container', 'api-1  | '],
  ['Kubernetes', '2024-01-15T03:42:18.123456789Z stderr F '],
  ['an indent', '    '],
  ['a quote', '> '],
])('lines behind %s', async (_, prefix) => {
  const text = `goroutine 5 [select]:\n${BODY}\ngoroutine 6 [select]:\n${BODY}`;
  const dump = await only(text.replace(/^/gm, prefix));
  expect(Array.from(dump.id)).toEqual([5, 6]);
  expect(dump).toMatchObject({ stackCount: 1, unreadable: null, cut: null });
  expect(Array.from(dump.creatorId)).toEqual([1, 1]);
  expect(dump.at?.slice(0, 19) ?? null).toBe(/^\d/.test(prefix) ? '2024-01-15T03:42:18' : null);
});

test('times of different length before every line', async () => {
  const lines = `goroutine 5 [select]:\n${BODY}`.trim().split('\n');
  const times = ['18.123456789', '18.12345', '18.2', '19.000001', '19.1'];
  const dump = await only(
    lines.map((line, at) => `2024-01-15T03:42:${times[at]}Z stdout F ${line}\n`).join(''),
  );
  expect(plain(dump)).toEqual([{ id: 5, functions: ['main.work'], creator: 1 }]);
});

test('line ends of Windows, drive letters and blanks in paths', async () => {
  const dump = await only(
    'goroutine 1 [running]:\r\nmain.(*box[...]).wait(...)\r\n\tC:/My Programs/a b/main.go:17\r\nmain.main()\r\n\tC:/x/main.go:9 +0x2 fp=0xc1 sp=0xc0 pc=0x1\r\n\r\n',
  );
  expect(framesOf(dump, 0)).toEqual([
    { function: 'main.(*box[...]).wait', file: 'C:/My Programs/a b/main.go', line: 17, pcOffset: -1 },
    { function: 'main.main', file: 'C:/x/main.go', line: 9, pcOffset: 2 },
  ]);
});

test('the excerpt in an incident report', async () => {
  const report = `# Incident\n\n\`\`\`\ngoroutine 15847 [chan receive]:\ninternal/services/storage.(*Service).Upload.func1()\n    /app/internal/services/storage/storage.go:69 +0x3f\ncreated by internal/services/storage.(*Service).Upload\n    /app/internal/services/storage/storage.go:67 +0x142\n\`\`\`\n\n## Mitigations\n1. more memory (2Gi)\n`;
  const dump = await only(report);
  expect(plain(dump)).toEqual([
    { id: 15847, functions: ['internal/services/storage.(*Service).Upload.func1'], creator: 0 },
  ]);
  expect(dump.creations[1]).toMatchObject({ line: 67 });
});

test('frames left out, in the middle and at the end', async () => {
  for (const mark of ['...51 frames elided...', '...additional frames elided...']) {
    const dump = await only(`goroutine 9 [select]:\nmain.deep()\n\t/srv/main.go:1 +0x1\n${mark}\n${BODY}`);
    expect(dump.flags[0]).toBe(GOROUTINE_ELIDED);
    expect(plain(dump)[0]!.functions).toEqual(['main.deep', '...', 'main.work']);
  }
});

test('several dumps in one text are told apart by ids that come again', async () => {
  const one = `goroutine 1 [running]:\n${BODY}\ngoroutine 5 [select]:\n${BODY}\n`;
  const dumps = await read(`first\n${one}second\n${one}goroutine 6 [select]:\n${BODY}`);
  expect(dumps.map(({ part, count }) => [part, count])).toEqual([
    [0, 2],
    [1, 3],
  ]);
});

test('what GOTRACEBACK=crash prints again for every thread is counted once', async () => {
  const away =
    'goroutine 7 [running]:\n\tgoroutine running on other thread; stack unavailable\ncreated by main.main in goroutine 1\n\t/srv/main.go:3 +0x2\n\n';
  const dump = await only(
    `SIGABRT: abort\n\n${away}-----\n\nSIGQUIT: quit\nPC=0x1 m=1\n\ngoroutine 7 gp=0x1 m=1 mp=0x2 [running]:\n${BODY}\n`,
  );
  expect(dump).toMatchObject({ count: 1, repeated: 1, cause: 'SIGABRT: abort' });
  expect(plain(dump)[0]!.functions).toEqual(['main.work']);
});

test('lines that are not of the format are counted and placed', async () => {
  const dump = await only(`goroutine 5 [select]:\n%%%%\n${BODY}\n`);
  expect(dump.unreadable).toEqual({ lines: 1, firstLine: 2, offset: 22 });
  expect(plain(dump)).toEqual([{ id: 5, functions: ['main.work'], creator: 1 }]);
});

test('words of others behind the last frame are not part of it', async () => {
  for (const word of ['Killed', 'exit status 2', '```', '$ ls (all)']) {
    const dump = await only(`goroutine 1 [running]:\nmain.main()\n\t/srv/main.go:9 +0x2\n${word}\n`);
    expect(plain(dump)).toEqual([{ id: 1, functions: ['main.main'], creator: 0 }]);
    expect(dump.cut).toBeNull();
  }
});

test('a text without goroutines is refused with what was expected', async () => {
  await expect(read('goroutine profile: total 5\n5 @ 0x1\n')).rejects.toThrow(FormatError);
  await expect(read('')).rejects.toThrow(/expected a goroutine/);
});

test('a text that stops in a goroutine is read to there and says so', async () => {
  const whole = `goroutine 5 [select]:\n${BODY}\ngoroutine 6 [select]:\n${BODY}`;
  for (const end of [whole.length - 18, whole.length - 30, whole.length - 60, whole.length - 75]) {
    const dump = await only(whole.slice(0, end));
    expect(dump).toMatchObject({
      count: 1,
      cut: { offset: whole.lastIndexOf('goroutine 6'), atLimit: false },
    });
  }
  expect((await only(whole)).cut).toBeNull();
});

test('exactly 64 MiB is the silent cut of the runtime', async () => {
  const block = new TextEncoder().encode(`goroutine 5 [select]:\n${BODY}\n`);
  const chunk = new Uint8Array(1 << 20);
  // Ids must differ, or every block would be a dump of its own; what follows the first line is not looked at here.
  chunk.set(block.subarray(0, 22));
  chunk.fill(120, 22);
  const source: ByteSource = {
    name: 'full.txt',
    sizeBytes: RUNTIME_LIMIT_BYTES,
    async *chunks() {
      yield new TextEncoder().encode(`goroutine 4 [select]:\n${BODY}\n`);
      const head = 22 + BODY.length + 1;
      for (let left = RUNTIME_LIMIT_BYTES - head; left > 0; left -= chunk.length) {
        yield chunk.subarray(0, Math.min(left, chunk.length));
        chunk.fill(120, 0, 22);
      }
    },
  };
  const [dump] = await readGoroutines(source);
  expect(dump).toMatchObject({ count: 1, cut: { atLimit: true } });
});

test('however the bytes arrive, the same is read', async () => {
  const bytes = fixture('go1.27-goroutine-debug2.txt.gz');
  const [whole] = await read(bytes);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5000 }), async (chunkBytes) => {
      expect((await read(bytes, chunkBytes))[0]).toEqual(whole);
    }),
    { numRuns: 20 },
  );
});

test('no damage makes it fail in another way than with a FormatError', async () => {
  const bytes = fixture('go1.27-crash-quit.txt.gz').subarray(0, 8000);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(7999), fc.nat(255)), { minLength: 1, maxLength: 40 }),
      fc.nat(8000),
      async (changes, end) => {
        const damaged = Uint8Array.from(bytes);
        for (const [at, byte] of changes) damaged[at] = byte;
        const dumps = await read(damaged.subarray(0, end)).catch((error: unknown) => {
          expect(error).toBeInstanceOf(FormatError);
          return [];
        });
        for (const dump of dumps) for (let row = 0; row < dump.count; row++) framesOf(dump, dump.stack[row]!);
      },
    ),
    { numRuns: 150 },
  );
});
