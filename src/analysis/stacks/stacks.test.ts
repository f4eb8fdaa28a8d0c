import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../base/errors.ts';
import { drawProfile } from '../../model/draw-profile.ts';
import { type StackProfile, totalOf } from '../../model/stack-profile.ts';
import { diffProfiles } from './diff.ts';
import { toFolded } from './export-folded.ts';
import { filterFrames } from './filter-frames.ts';
import { filterLabels } from './filter-labels.ts';
import { framePattern, untrustedPattern } from './frame-pattern.ts';
import { labelTotals } from './label-values.ts';
import { mergeProfiles } from './merge.ts';
import { pruneFrames, simplifiedName } from './prune.ts';
import { top } from './top.ts';

const rows = (profile: StackProfile, options = {}): Record<string, [number, number]> =>
  Object.fromEntries(top(profile, options).rows.map(({ name, flat, cum }) => [name, [flat, cum]]));

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const drawnSample = fc.record({
  stack: fc.array(name, { minLength: 1, maxLength: 6 }),
  value: fc.integer({ min: -9, max: 9 }),
});
const drawnSamples = fc.array(drawnSample, { maxLength: 30 });

type Sample = { stack: string[]; value: number };

const drawn = (samples: readonly Sample[]): StackProfile =>
  drawProfile(
    ['x/count', ...samples.map(({ stack, value }) => `${stack.join(' > ')} | ${value}`)].join('\n'),
  );

describe('top', () => {
  test('is what counting each stack by hand gives', () => {
    fc.assert(
      fc.property(drawnSamples, (samples) => {
        const flat = new Map<string, number>();
        const cum = new Map<string, number>();
        for (const { stack, value } of samples) {
          flat.set(stack.at(-1)!, (flat.get(stack.at(-1)!) ?? 0) + value);
          for (const each of new Set(stack)) cum.set(each, (cum.get(each) ?? 0) + value);
        }
        const expected = [...cum]
          .map(([each, value]) => [each, [flat.get(each) ?? 0, value]] as const)
          .filter(([, [own, all]]) => own !== 0 || all !== 0);
        expect(rows(drawn(samples))).toEqual(Object.fromEntries(expected));
      }),
    );
  });

  test('counts inlined calls as frames and recursion once', () => {
    const profile = drawProfile(`
      bytes/bytes
      main@m.go:1 > work@w.go:5 + alloc@w.go:9 | 10
      main@m.go:2 > work@w.go:5 > work@w.go:6  | 5
    `);
    expect(rows(profile)).toEqual({ main: [0, 15], work: [5, 15], alloc: [10, 10] });
    expect(rows(profile, { granularity: 'lines', focus: 'alloc' })).toEqual({
      'main m.go:1': [0, 10],
      'work w.go:5': [0, 10],
      'alloc w.go:9': [10, 10],
    });
  });

  test('an unknown sample type and a broken expression are errors of use', () => {
    const profile = drawProfile('x/count\na | 1');
    expect(() => top(profile, { sampleType: 'y' })).toThrow(/no sample type "y"; it has x/);
    expect(() => top(profile, { focus: '(' })).toThrow(UsageError);
  });
});

describe('merge and difference', () => {
  test('the difference of two profiles is the difference of their tables', () => {
    fc.assert(
      fc.property(drawnSamples, drawnSamples, (base, after) => {
        const difference = rows(diffProfiles(drawn(base), drawn(after)));
        const negated = base.map(({ stack, value }) => ({ stack, value: -value }));
        expect(difference).toEqual(rows(drawn([...after, ...negated])));
      }),
    );
  });

  test('merging in any order gives the same stacks, and a profile minus itself is empty', () => {
    fc.assert(
      fc.property(drawnSamples, drawnSamples, (one, other) => {
        const [first, second] = [drawn(one), drawn(other)];
        const lines = (profile: StackProfile): string[] => toFolded(profile, 0).split('\n').sort();
        expect(lines(mergeProfiles([first, second]))).toEqual(lines(mergeProfiles([second, first])));
        expect(diffProfiles(first, first, { mode: 'subtract' }).sampleCount).toBe(0);
      }),
    );
  });

  test('samples with other labels stay apart; those with the same are one', () => {
    const profile = drawProfile(`
      x/count
      a | 1 | t=one
      a | 2 | t=two
      a | 4 | t=one
    `);
    expect(Array.from(mergeProfiles([profile]).values)).toEqual([5, 2]);
  });

  test('columns that both have are compared, in the finer unit', () => {
    const base = drawProfile('count/count time/milliseconds\na | 1 2');
    const after = drawProfile('time/microseconds other/count\na | 2500 7');
    const difference = diffProfiles(base, after);
    expect(difference.sampleTypes).toEqual([{ type: 'time', unit: 'microseconds' }]);
    expect(rows(difference)).toEqual({ a: [500, 500] });
  });

  test('profiles of different things are refused with their names', () => {
    const [heap, goroutines] = [drawProfile('space/bytes\na | 1'), drawProfile('goroutine/count\na | 1')];
    expect(() => diffProfiles(heap, goroutines)).toThrow(
      /drawn \(space in bytes\); drawn \(goroutine in count\)/,
    );
    expect(() => diffProfiles(heap, drawProfile('space/count\na | 1'))).toThrow(UsageError);
  });

  test('normalised profiles sum up to the same', () => {
    const base = drawProfile('x/count\na | 60\nb | 40');
    const after = drawProfile('x/count\na | 150\nb | 50');
    expect(rows(diffProfiles(base, after, { normalise: true }))).toEqual({ a: [15, 15], b: [-15, -15] });
  });
});

describe('filters', () => {
  const profile = drawProfile(`
    x/count
    main > serve@net/http.go:9 > handle > alloc | 1 | tenant=acme bytes=512bytes
    main > serve@net/http.go:9 > render         | 2 | tenant=other bytes=4096bytes
    main > clean                                | 4 | bytes=100bytes
  `);
  const left = (filtered: StackProfile): number => totalOf(filtered, 0);

  test('frames: keep, drop, take out, cut', () => {
    expect(left(filterFrames(profile, { focus: 'net/http' }))).toBe(3);
    expect(left(filterFrames(profile, { ignore: '^(handle|clean)$' }))).toBe(2);
    expect(toFolded(filterFrames(profile, { hide: 'serve|alloc' }), 0)).toBe(
      'main;handle 1\nmain;render 2\nmain;clean 4\n',
    );
    expect(toFolded(filterFrames(profile, { show: 'main|render' }), 0)).toBe('main 5\nmain;render 2\n');
    expect(toFolded(filterFrames(profile, { showFrom: 'serve' }), 0)).toBe(
      'serve;handle;alloc 1\nserve;render 2\n',
    );
  });

  test('labels: texts by expression, numbers by range', () => {
    const kept = (tagFocus: string): number => left(filterLabels(profile, { tagFocus }));
    expect(['tenant=acme', 'acme', 'tenant=acme,other', 'acme,other', 'tenant=nobody'].map(kept)).toEqual([
      1, 1, 3, 0, 0,
    ]);
    expect(['bytes=:1kb', '1kb:', '100:600', '4096b', 'bytes=1kb:8kb', '5ms:'].map(kept)).toEqual([
      5, 2, 5, 2, 2, 0,
    ]);
    expect(left(filterLabels(profile, { tagIgnore: 'tenant=.' }))).toBe(4);
    expect(() => kept('1kb:5ms')).toThrow(UsageError);
  });

  test('totals of labels', () => {
    const [bytes, tenant] = labelTotals(profile, 0);
    expect([bytes!.key, bytes!.unit, bytes!.total]).toEqual(['bytes', 'bytes', 7]);
    expect(tenant!.values).toEqual([
      { value: 'other', total: 2, sampleCount: 1 },
      { value: 'acme', total: 1, sampleCount: 1 },
    ]);
  });
});

describe('frames that the profile itself drops', () => {
  const drop = (text: string, dropFrames: string, keepFrames = ''): string =>
    toFolded(pruneFrames(drawProfile(`x/count\n${text}`, { dropFrames, keepFrames })), 0).trimEnd();

  test('go with all that they call, but only below user code', () => {
    expect(drop('start > main > malloc > sub | 1', 'malloc|start')).toBe('start;main 1');
    expect(drop('malloc > sub | 1', 'malloc')).toBe('malloc;sub 1');
    expect(drop('main > malloc | 1', 'mall')).toBe('main;malloc 1');
    expect(drop('main > runtime.panic > runtime.alloc | 1', 'runtime\\..*', 'runtime\\.panic')).toBe(
      'main;runtime.panic 1',
    );
  });

  test('inlined calls go one by one', () => {
    expect(drop('main > work + malloc + deep | 1', 'malloc')).toBe('main;work 1');
    expect(drop('main > malloc + work | 1', 'malloc')).toBe('main 1');
  });

  test('arguments do not count', () => {
    expect(simplifiedName('operator new(unsigned long)')).toBe('operator new');
    expect(simplifiedName('(anonymous namespace)::f(int)')).toBe('(anonymous namespace)::f');
    expect(simplifiedName('.malloc')).toBe('malloc');
    expect(drop('main > malloc(int) | 1', 'malloc')).toBe('main 1');
  });

  test('an expression that could run for ever is left unused and said', () => {
    for (const pattern of ['(a+)+$', '(a|a)*', 'a.*b.*c.*d', '(x)\\1', '[', '(?:a*){9}']) {
      expect(untrustedPattern(pattern), pattern).toBeNull();
      const { warnings } = pruneFrames(drawProfile('x/count\na | 1', { dropFrames: pattern }));
      expect(warnings).toEqual(['The expressions of frames to drop could not be used.']);
    }
    expect(untrustedPattern('^(tcmalloc::.*|(__)?posix_memalign|operator new(\\[\\])?)$')).not.toBeNull();
  });
});

test("Go's spelling of expressions is understood", () => {
  expect(framePattern('(?i)HANDLE').test('handle')).toBe(true);
  expect(framePattern('\\Amain\\.\\Qf(x)\\E\\z').test('main.f(x)')).toBe(true);
  expect(framePattern('(?P<pkg>main)\\.').exec('main.f')!.groups!['pkg']).toBe('main');
  expect(framePattern('^[[:upper:][:digit:]_]+$').test('MAX_9')).toBe(true);
  expect(framePattern('\\\\A').test('\\A')).toBe(true);
  expect(() => framePattern('[[:^alpha:]]')).toThrow(UsageError);
});
