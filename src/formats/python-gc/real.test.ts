import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dominators } from '../../analysis/dominators.ts';
import { meaningTree } from '../../analysis/meaning-tree.ts';
import { bytesSource } from '../../base/byte-source.ts';
import { addressOfId } from '../../model/heap-graph.ts';
import { pythonCollectionKind } from './collections.ts';
import type { PythonHeapGraph } from './facts.ts';
import { readPythonGc } from './read.ts';

/** Real Python processes with leaks of every kind: what the graph must name. Left out where there is no Python. */
const AGENT = fileURLToPath(new URL('../../../agents/python/stanch_agent.py', import.meta.url));
const LEAKS = fileURLToPath(new URL('../../../fixtures/python-gc/leaks.py', import.meta.url));
const PYTHON = process.env['STANCH_PYTHON'] ?? 'python3';
const COUNT = 1000;

function hasPython(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import sys, sqlite3; assert sys.version_info >= (3, 8)'], {
      stdio: 'ignore',
    });
    return process.platform === 'linux';
  } catch {
    return false;
  }
}

interface Told {
  result: { file: string; mode: string; objects: number; stopMs: number | null };
  log: number;
  logBytes: number;
  results: number;
}

describe.skipIf(!hasPython()).each(['fork', 'process'])('a service dumped by %s', (mode) => {
  const folder = mkdtempSync(join(tmpdir(), 'stanch-python-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let told: Told;
  let graph: PythonHeapGraph;

  beforeAll(async () => {
    // The service ends itself with status 9 when one line of its own code is run by the agent.
    told = JSON.parse(
      execFileSync(PYTHON, [LEAKS, folder, AGENT, `${COUNT}`, mode], { encoding: 'utf8' }),
    ) as Told;
    graph = await readPythonGc(bytesSource(readFileSync(told.result.file), 'A.pygc'));
  });

  /** Best paths, as text, of all nodes that have so many entries and are such a collection. */
  function pathsOf(entries: number, kind: string): string[] {
    const tree = meaningTree(graph);
    const describer = graph.newDescriber();
    const found: string[] = [];
    for (let node = 0; node < graph.nodeCount; node++) {
      if (describer.entries(node) !== entries || pythonCollectionKind(graph, node) !== kind) continue;
      const labels: string[] = [];
      for (let at = node; at !== 0; at = tree.parent[at]!)
        labels.unshift(describer.label(tree.parent[at]!, tree.edge[at]!));
      found.push(labels.join(' '));
    }
    return found.sort();
  }

  test('was written whole, readable by its owner only, and nothing else is left', () => {
    expect(graph.partial).toBeNull();
    expect(statSync(told.result.file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['A.pygc']);
    expect(told.result.mode).toBe(mode);
    expect(graph.process?.rssBytes).toBeGreaterThan(1 << 20);
    expect(graph.python.gc.enabled).toBe(true);
  });

  test('every growing list and dict is named by what holds it', () => {
    expect(pathsOf(COUNT, 'list')).toEqual([
      '#(modules) .__main__ .HANDLER $kept',
      '#(modules) .__main__ .RESULTS',
      expect.stringMatching(/^#\(modules\) \.__main__ \.Service \.generate #cache \[key\] \[\] \.log$/),
      '#(modules) .__main__ .collect .acc=',
    ]);
    expect(pathsOf(COUNT, 'dict')).toEqual([
      '#(modules) .__main__ .SESSIONS',
      '#(modules) .__main__ .Service .cache',
      '#(modules) .__main__ .Service .generate #cache',
      '#(modules) .__main__ .keyword .seen=',
      '#(modules) .__main__ .render #cache',
    ]);
  });

  test('caches tell their function, its place and their entries', () => {
    const mine = graph.python.lruCaches.filter(({ entries }) => entries === COUNT);
    expect(
      mine.map(({ name, maxEntries, place }) => [name.split('.').pop(), maxEntries, place?.file]).sort(),
    ).toEqual([
      ['generate', null, LEAKS],
      ['render', null, LEAKS],
    ]);
    expect(pathsOf(COUNT, 'lru_cache')).toEqual([
      '#(modules) .__main__ .Service .generate',
      '#(modules) .__main__ .render',
    ]);
  });

  test('tasks tell the line where they wait', () => {
    const waiting = graph.python.tasks.filter(({ coroutine }) => coroutine === 'never');
    expect(waiting).toHaveLength(50);
    const lines = readFileSync(LEAKS, 'utf8').split('\n');
    for (const { stack, isDone, startedAt } of waiting) {
      expect(isDone).toBe(false);
      expect(lines[stack[0]!.place!.line - 1]).toContain('await gate.wait()');
      expect(startedAt?.file).toBe(LEAKS);
    }
  });

  test('locals of threads, thread locals, context variables and tracebacks have names', () => {
    const describer = graph.newDescriber();
    const labels = new Map<string, number>();
    for (let node = 0; node < graph.nodeCount; node++) {
      for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++) {
        const label = describer.label(node, edge);
        const target = graph.edgeTarget[edge]!;
        labels.set(
          `${label} ${describer.entries(target)}`,
          (labels.get(`${label} ${describer.entries(target)}`) ?? 0) + 1,
        );
      }
    }
    expect(labels.get('$stack_rows 50')).toBe(1);
    expect(labels.get('.rows 100')).toBe(1);
    expect(labels.get('.request_id 1')).toBeGreaterThan(0);
    expect(labels.get('$payload 100')).toBe(50);
    expect(labels.get('$waiting_for 1')).toBeGreaterThan(49);
  });

  test('objects stand at the addresses and have the sizes that Python says', () => {
    const at = new Map([...graph.nodeId].map((id, node) => [addressOfId(id), node]));
    expect(graph.selfBytes[at.get(told.log)!]).toBe(told.logBytes);
    expect(at.get(told.results)).toBeDefined();
    expect(graph.python.danglingReferences).toBeLessThan(graph.edgeCount * 0.001);
    const { retainedBytes } = dominators(graph);
    expect(retainedBytes[at.get(told.results)!]).toBeGreaterThan(COUNT * 100);
  });

  test('no value of the service is in the file, only masked keys', () => {
    const text = readFileSync(told.result.file, 'latin1');
    expect(text).not.toMatch(/user-0\d/);
    expect(text).toContain('user-#####');
  });
});
