import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bytesSource } from '../../base/byte-source.ts';
import { randomNumbers } from '../../base/chopped-source.ts';
import { FormatError } from '../../base/errors.ts';
import { type StackProfile, totalOf } from '../../model/stack-profile.ts';
import { detectProfileText } from './detect.ts';
import { parseProfileText, readProfileText } from './read.ts';

const ROOT = new URL('../../../fixtures/', import.meta.url).pathname;
const FILES = ['pprof', 'profile-text'].flatMap((folder) =>
  readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.txt') && !name.startsWith('tables'))
    .map((name) => `${folder}/${name}`),
);
const text = (name: string): string => readFileSync(ROOT + name, 'utf8');

/** Each sample as text: frames from leaf to root, and values. */
function samples(profile: StackProfile): string[] {
  const { firstFrame, stackLocation, sampleStack, locations, lines, functions, strings, sampleTypes } =
    profile;
  return Array.from(sampleStack, (stack, sample) => {
    const names: string[] = [];
    for (let frame = firstFrame[stack]!; frame < firstFrame[stack + 1]!; frame++) {
      const location = stackLocation[frame]!;
      for (let line = locations.firstLine[location]!; line < locations.firstLine[location + 1]!; line++) {
        const fn = lines.function[line]!;
        names.push(`${strings[functions.name[fn]!]} ${strings[functions.file[fn]!]}:${lines.line[line]}`);
      }
    }
    const width = sampleTypes.length;
    return `${[...profile.values.subarray(sample * width, sample * width + width)].join(' ')}: ${names.join(' < ')}`;
  });
}

describe('what Go wrote', () => {
  test('the allocator below user code is left out, and MemStats become figures', () => {
    const profile = parseProfileText(text('profile-text/cloudvault-go1.27-small-B-heap-debug1.txt'));
    expect(samples(profile)[5]).toMatch(
      /^313 10276010 0 0: cloudvault.*storage\.\(\*Service\)\.Upload \S+storage\.go:74 < main\.main\.func1 .*net\/http\.\(\*conn\)\.serve \S+$/,
    );
    expect(profile.figures.get('Stack')).toBe(2523136);
    expect(profile.figures.get('StackSys')).toBe(2523136);
    expect(profile.figures.get('MaxRSS')).toBe(16936960);
    expect(profile.figures.get('GCCPUFraction')).toBeCloseTo(0.002536, 5);
    expect(profile.period).toBe(524288);
  });

  test('goroutines have frames and labels, and sum up to the first line', () => {
    const profile = parseProfileText(text('profile-text/zoo-go1.19-goroutine-debug1.txt'));
    const { labels, strings } = profile;
    expect(Array.from(labels.key, (key, at) => [strings[key], strings[labels.text[at]!]])).toEqual([
      ['route', '/v1/"quoted"'],
      ['tenant', 'acme co'],
    ]);
    expect(profile.warnings).toEqual([]);
    expect(totalOf(profile, 0)).toBe(
      Number(/total (\d+)/.exec(text('profile-text/zoo-go1.19-goroutine-debug1.txt'))![1]),
    );
  });

  test('the leak profile and an empty one are read', () => {
    const leak = parseProfileText(text('profile-text/zoo-go1.27-goroutineleak-debug1.txt'));
    expect([leak.sampleTypes[0]!.type, totalOf(leak, 0)]).toEqual(['goroutineleak', 8]);
    expect(samples(leak)[0]).toBe('1: main.park.func4 /srv/zoo/main.go:61');
    expect(
      parseProfileText(text('profile-text/cloudvault-fixed-go1.27-small-A-goroutineleak-debug1.txt'))
        .sampleCount,
    ).toBe(0);
  });

  test('threads padded with zero addresses have no frames for them', () => {
    const profile = parseProfileText(text('profile-text/cloudvault-go1.27-small-threadcreate-debug1.txt'));
    expect(samples(profile)[0]).toBe('6: ');
    expect(samples(profile)[1]).toMatch(/^1: runtime\.allocm .* < runtime\.main \S+$/);
  });

  test('waiting is turned from cycles to nanoseconds', () => {
    const fromText = parseProfileText(text('pprof/go1.27/mutex.txt'));
    expect(samples(fromText)[0]).toMatch(/^19 58333543: sync\.\(\*Mutex\)\.Unlock /);
    expect(parseProfileText(text('profile-text/cloudvault-go1.27-small-mutex-debug1.txt')).sampleCount).toBe(
      0,
    );
  });
});

function findPprof(): string | null {
  try {
    return execFileSync('go', ['tool', '-n', 'pprof'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return null;
  }
}

const pprof = findPprof();

test.skipIf(pprof === null)(
  `every value of every text is what the installed pprof makes of it${pprof === null ? ' (not tested: go)' : ''}`,
  () => {
    const refused: string[] = [];
    for (const name of FILES) {
      let raw: string;
      try {
        raw = execFileSync(pprof!, ['-raw', '-symbolize=none', ROOT + name], {
          encoding: 'utf8',
          stdio: 'pipe',
        });
      } catch {
        refused.push(name);
        continue;
      }
      const theirs = Array.from(raw.matchAll(/^((?: *-?\d+)+):(?: \d+)*\s*$/gm), ([, values]) =>
        values!.trim().split(/ +/).map(Number),
      );
      const profile = parseProfileText(text(name));
      const width = profile.sampleTypes.length;
      // Where nothing was freed, pprof shows one pair of columns; Go's heaps always have both here.
      const ours = Array.from({ length: profile.sampleCount }, (_, sample) =>
        [...profile.values.subarray(sample * width, sample * width + width)].slice(
          -(theirs[0]?.length ?? width),
        ),
      );
      expect(ours, name).toEqual(theirs);
    }
    // It takes no stacks without addresses, which Go prints for threads.
    expect(refused.filter((name) => !name.includes('threadcreate'))).toEqual([]);
  },
  60_000,
);

describe('other forms and damage', () => {
  test('tcmalloc and gperftools heaps keep their addresses and find their binaries', () => {
    const profile = parseProfileText(
      [
        'heap profile:      2:   2048 [     2:   2048] @ heap_v2/524288',
        '     1:   1024 [     1:   1024] @ 0x00400123 0x7f0000000456',
        '     1:   1024 [     1:   1024] @ 0x00400123',
        '',
        'MAPPED_LIBRARIES:',
        '00400000-00500000 r-xp 00000000 08:01 1234  /srv/server',
        '00600000-00700000 rw-p 00000000 08:01 1234  /srv/server',
        '7f0000000000-7f0000010000 r-xp 00001000 08:01 77 /lib/libc.so.6',
        '',
      ].join('\n'),
    );
    expect(profile.sampleTypes.map(({ type }) => type)).toEqual(['objects', 'space']);
    expect(profile.runtime).toBe('native');
    expect(Array.from(profile.locations.address)).toEqual([0x400122n, 0x7f0000000455n]);
    expect(profile.mappings.map(({ file }) => file)).toEqual(['/srv/server', '/lib/libc.so.6']);
    expect(Array.from(profile.locations.mapping)).toEqual([0, 1]);
    // One sample of 1 kB at a rate of 512 kB stands for about 512 of them.
    expect(profile.values[0]).toBe(Math.trunc(1 / (1 - Math.exp(-1024 / 524288))));
  });

  test('a heap of which all was recorded is not scaled', () => {
    const profile = parseProfileText('heap profile: 1: 32 [2: 64] @ heapprofile\n1: 32 [2: 64] @ 0x1\n');
    expect(Array.from(profile.values)).toEqual([2, 64, 1, 32]);
  });

  test('line ends of Windows, comments before and an end without a newline do no harm', () => {
    const profile = parseProfileText(
      '# taken by hand\r\n\r\ngoroutine profile: total 3\r\n3 @ 0x10\r\n#\t0xf\tmain.f+0x1\t\t/a b/m.go:7\r\n',
    );
    expect(samples(profile)).toEqual(['3: main.f /a b/m.go:7']);
    expect(samples(parseProfileText('x profile: total 1\n1 @ 0x10'))).toEqual(['1: ']);
  });

  test('a list that lost its end says how much is missing', () => {
    const whole = text('profile-text/cloudvault-go1.27-small-A-goroutine-debug1.txt');
    const cut = whole.slice(0, whole.indexOf('\n\n', whole.length / 2) + 2);
    expect(parseProfileText(cut).warnings[0]).toMatch(/^The first line counts 527, the stacks sum up to \d+/);
  });

  test.for<[string, string, number]>([
    ['a record cut in its numbers', 'goroutine profile: total 3\n3 @ 0x1\n1 ', 35],
    ['text in between', 'goroutine profile: total 3\nö\n3 @ 0x1\n', 27],
    ['letters where bytes should be', 'heap profile: 1: 2 [3: 4] @ heap/8\n\n1: x [1: 1] @ 0x1\n', 36],
    ['bytes without objects', 'heap profile: 1: 2 [3: 4] @ heap/8\n0: 5 [1: 5] @ 0x1\n', 35],
    ['a kind of heap that nobody wrote', 'heap profile: 1: 2 [3: 4] @ elsewhere\n', 0],
    ['something else', 'hello\n', 0],
    ['nothing', '', 0],
  ])('%s is an error with its place', ([, damaged, offset]) => {
    try {
      parseProfileText(damaged, 'x.txt');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
      expect((error as FormatError).offset).toBe(offset);
    }
  });

  test('thousands of damaged texts are read or refused, never anything else', () => {
    const random = randomNumbers(7);
    const seeds = FILES.map(text).filter((each) => each.length > 200 && each.length < 20_000);
    let refused = 0;
    for (let run = 0; run < 2000; run++) {
      const seed = seeds[run % seeds.length]!;
      const at = Math.floor(random() * seed.length);
      const length = Math.floor(random() * 30);
      const inserted = ['', '0x', ' @ ', '\n', '#\t', '9999999999999999999999', '"\\x'][run % 7];
      const damaged =
        run % 5 === 0 ? seed.slice(0, at) : seed.slice(0, at) + inserted + seed.slice(at + length);
      try {
        parseProfileText(damaged);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        expect(error.offset).toBeLessThanOrEqual(new TextEncoder().encode(damaged).length);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(200);
    expect(refused).toBeLessThan(1800);
  });
});

test('every text is detected, and nothing else is', async () => {
  for (const name of FILES)
    expect(detectProfileText(readFileSync(ROOT + name).subarray(0, 4096)), name).toBe(1);
  for (const other of [
    '',
    'goroutine 1 [running]:\nmain.main()\n',
    '{"a":1}',
    'heap_v2/524288\n  t*: 1: 2 [0: 0]\n',
    'no profile: total\n',
  ]) {
    expect(detectProfileText(new TextEncoder().encode(other)), other).toBe(0);
  }
  expect(detectProfileText(readFileSync(`${ROOT}pprof/go1.27/heap-A.pb.gz`))).toBe(0);
  const read = await readProfileText(bytesSource(new TextEncoder().encode('x profile: total 0\n'), 'x'));
  expect(read.file).toBe('x');
});
