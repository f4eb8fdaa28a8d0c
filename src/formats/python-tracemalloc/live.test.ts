import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bytesSource } from '../../base/byte-source.ts';
import { FormatError } from '../../base/errors.ts';
import { totalOf } from '../../model/stack-profile.ts';
import { readTracemalloc } from './read.ts';
import { compareTo, type GroupBy } from './statistics.ts';

/** The Python of this machine makes snapshots and says what it sees in them; we must see the same. */
const FIXTURES = fileURLToPath(new URL('../../../fixtures/python-tracemalloc/', import.meta.url));

function hasPython(): boolean {
  try {
    const version = execFileSync('python3', ['-c', 'import sys; print(sys.version_info >= (3, 7))'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      encoding: 'utf8',
    });
    return version.trim() === 'True';
  } catch {
    return false;
  }
}

/** Pickles that do something when they are loaded, or that only look like a snapshot; made in every protocol. */
const HOSTILE = `
import collections, functools, json, os, pickle, subprocess, tracemalloc
class Evil:
    def __init__(self, *call): self.call = call
    def __reduce__(self): return self.call[0], self.call[1:]
class State:
    def __reduce__(self): return object, (), None, iter([Evil(os.system, "touch stanch-was-here")])
tracemalloc.start()
inside = tracemalloc.take_snapshot()
inside.traces._traces = [(0, Evil(os.system, "touch stanch-was-here"), (("a.py", 1),), 1)]
attribute = tracemalloc.take_snapshot()
attribute.traceback_limit = Evil(eval, "1")
deep = ()
for _ in range(400): deep = (deep,)
made = {"os.system": Evil(os.system, "touch stanch-was-here"), "eval": Evil(eval, "1"), "exec": Evil(exec, "1"),
        "Popen": Evil(subprocess.Popen, ["touch", "stanch-was-here"]), "partial": functools.partial(os.system, "x"),
        "getattr": Evil(getattr, "os", "system"), "items": State(), "inside a trace": inside, "as an attribute": attribute,
        "bytes": b"x" * 300, "bytearray": bytearray(b"x"), "float": 1.5, "set": {1}, "frozenset": frozenset([1]), "bool": True,
        "big": 1 << 5000, "deep": deep, "ordered": collections.OrderedDict(a=1), "traces alone": inside.traces.__class__([]),
        "filter": tracemalloc.Filter(True, "x")}
print(json.dumps([[name, p, pickle.dumps(value, p).hex()] for name, value in made.items() for p in range(6)]))
`;

type Row = [[string, number][], number, number, number, number];

describe.skipIf(!hasPython())('with the Python of this machine', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'stanch-tracemalloc-'));
    execFileSync('python3', ['-', folder], {
      cwd: FIXTURES,
      input: readFileSync(join(FIXTURES, 'make.py')),
      stdio: ['pipe', 'ignore', 'inherit'],
    });
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('snapshots made now have its totals and its tables of compare_to', async () => {
    const tables = JSON.parse(readFileSync(join(folder, 'tables.json'), 'utf8')) as {
      traces: number[];
      bytes: number[];
      compare_to: Record<string, Row[]>;
    };
    const [older, newer] = await Promise.all(
      ['A.pickle', 'B.pickle'].map((name) => readTracemalloc(bytesSource(readFileSync(join(folder, name))))),
    );
    expect([older, newer].map((profile) => totalOf(profile!, 0))).toEqual(tables.traces);
    expect([older, newer].map((profile) => totalOf(profile!, 1))).toEqual(tables.bytes);
    for (const [key, rows] of Object.entries(tables.compare_to)) {
      const [by, cumulative] = key.split(' ') as [GroupBy, string?];
      const ours = compareTo(newer!, older!, by, cumulative !== undefined).map(
        ({ frames, sizeBytes, sizeDiffBytes, count, countDiff }): Row => [
          frames.map(({ file, line }) => [file, line]),
          sizeBytes,
          sizeDiffBytes,
          count,
          countDiff,
        ],
      );
      expect(ours, key).toEqual(rows);
    }
  });

  test('pickles that it makes of anything else are refused with a place, and nothing happens', async () => {
    const printed = execFileSync('python3', ['-c', HOSTILE], { encoding: 'utf8', cwd: folder });
    const pickles = JSON.parse(printed) as [string, number, string][];
    expect(pickles.length).toBeGreaterThan(100);
    for (const [name, protocol, hex] of pickles) {
      const bytes = Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16));
      const error = await readTracemalloc(bytesSource(bytes, name)).catch((reason: unknown) => reason);
      expect(error, `${name} in protocol ${protocol}`).toBeInstanceOf(FormatError);
      expect((error as FormatError).offset).toBeLessThanOrEqual(bytes.length);
    }
    expect(existsSync(join(folder, 'stanch-was-here'))).toBe(false);
  });
});
