import { expect, test } from 'vitest';
import { leaksOf, sourceTree } from '../../testing/diagnose-drawn.ts';
import { diagnosePython, type PythonHeap, pairs, things } from '../../testing/draw-python.ts';

const GROWING = [60, 120, 180];
const source = sourceTree({
  'app/sessions.py': `"""ACTIVE[token] = is no code here."""
ACTIVE = {}


def login(token):
    ACTIVE[token] = User(token)
`,
});

const sessions = (heap: PythonHeap, size: number): void => {
  heap.module('app.sessions', { ACTIVE: heap.dict('active', pairs(heap, size)) });
};

test('leaks: a dict of a module, with the line that adds', async () => {
  const { verdict, findings } = await diagnosePython(GROWING, sessions, { source });
  expect(verdict).toBe('leak');
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({
    pattern: 'unbounded-collection',
    owner: 'app.sessions.ACTIVE (dict, 180 entries)',
    location: { file: 'app/sessions.py', line: 6, role: 'adds' },
    growth: { objects: 120, series: GROWING },
  });
  expect(findings[0]!.reasons.join()).toContain('newest keys look like user-###');
});

test('leaks: a list that is an attribute of the class itself', async () => {
  const { findings } = await diagnosePython(GROWING, (heap, size) => {
    const samples = heap.list('samples', things(heap, size));
    heap.module('metrics', { Metrics: heap.klass('metrics.Metrics', { samples }, 'metrics.py:1') });
  });
  expect(findings[0]).toMatchObject({
    pattern: 'unbounded-collection',
    owner: 'metrics.Metrics.samples (list, 180 entries)',
  });
  expect(findings[0]!.reasons.join()).toContain('all instances share it');
});

test('leaks: lists in a dict are added to under another name', async () => {
  const hub = sourceTree({
    'hub.py': `INBOXES = {}

def join(client):
    INBOXES[client] = []

def broadcast(message):
    for inbox in INBOXES.values():
        inbox.append(dict(message))
`,
  });
  const { findings } = await diagnosePython(
    GROWING,
    (heap, size) => {
      const inbox = heap.list('inbox', things(heap, size));
      heap.module('hub', { INBOXES: heap.dict('inboxes', [[heap.text('client', 'idle'), inbox]]) });
    },
    { source: hub },
  );
  expect(findings[0]!.owner).toBe('hub.INBOXES[] (list, 180 entries)');
  expect(findings[0]!.location).toMatchObject({ line: 8, role: 'adds' });
});

test('leaks: a defaultdict that grows when it is read', async () => {
  const stats = sourceTree({
    'stats.py': `BY_PATH = defaultdict(dict)

def errors_of(path):
    return BY_PATH[path].get("errors", 0)
`,
  });
  const { findings } = await diagnosePython(
    GROWING,
    (heap, size) => {
      heap.module('stats', {
        BY_PATH: heap.dict('by path', pairs(heap, size), 'collections.defaultdict'),
      });
    },
    { source: stats },
  );
  expect(findings[0]!.location).toMatchObject({ file: 'stats.py', line: 4 });
});

test('clean: a cache at its limit that replaces what it holds', async () => {
  const diagnosis = await diagnosePython([0, 1, 2], (heap, round) => {
    heap.module('app', { CACHE: heap.dict('cache', pairs(heap, 150, 'app.User', round * 60)) });
  });
  expect(diagnosis.verdict).toBe('no-leak');
});

test('clean: a cache that filled and stopped', async () => {
  expect((await diagnosePython([40, 180, 180], sessions)).verdict).toBe('no-leak');
});

test('clean: references of a WeakSet, while the things themselves stay as many', async () => {
  const diagnosis = await diagnosePython(GROWING, (heap, size) => {
    const references = Array.from({ length: size }, (_, nth) =>
      heap.object(`ref ${nth}`, 'weakref.ReferenceType', {}, 80),
    );
    const data = heap.list('data', references, 'set');
    heap.module('app', { LIVE: heap.object('live', '_weakrefset.WeakSet', { data }) });
  });
  expect(leaksOf(diagnosis)).toEqual([]);
});

test('leaks: what a library keeps for the program, with the call that hands it over and a remedy that ends it', async () => {
  const { findings } = await diagnosePython(
    [200, 400, 600],
    (heap, size) => {
      const pending = heap.dict('pending', pairs(heap, size, 'models.Access'));
      heap.module('models', {
        session: heap.object('session', 'sqlalchemy.orm.session.Session', { _new: pending }),
      });
    },
    {
      source: sourceTree({
        'app.py': `def view(page):
    session.add(Access(path=page))
    return page
`,
      }),
    },
  );
  expect(findings[0]).toMatchObject({
    owner: 'models.session → Session._new (dict, 600 entries)',
    location: { file: 'app.py', line: 2, role: 'adds' },
  });
  expect(findings[0]!.remedy.summary).toContain("Session keeps this on the program's behalf");
});

test('what the agent brings along for a dump is no part of the growth', async () => {
  const { growth, harmless } = await diagnosePython(GROWING, (heap, size) => {
    heap.module('app.sessions', { ACTIVE: heap.dict('active', pairs(heap, size)) });
    // Brought in anew for each dump, and held by nothing but itself; the interpreter's descriptors refer back to it.
    const notes = heap.list(`notes ${size}`, things(heap, size, 'stanch_agent._Kind', size * 10));
    const writer = heap.object(`writer ${size}`, 'stanch_agent._Writer', { notes });
    heap.unnamed(`descriptor ${size}`, 'getset_descriptor', [writer]);
    heap.refer(writer, [heap.unnamed(`alike ${size}`, 'staticmethod', [writer])]);
  });
  expect(harmless).toEqual([]);
  expect(growth.explainedShare).toBeGreaterThan(0.98);
});

test('leaks: a text that is made anew with more in it', async () => {
  const { verdict, findings, growth } = await diagnosePython(
    [1_000_000, 1_600_000, 2_200_000],
    (heap, bytes) => {
      const csv = heap.text(`csv ${bytes}`, 'id;user', bytes);
      heap.module('books', { all: heap.list('books', things(heap, 200)) });
      heap.module('ledger', { ledger: heap.object('ledger', 'ledger.Ledger', { csv }) });
    },
    {
      source: sourceTree({
        'ledger.py': `class Ledger:
    csv = ''

    def book(self, row):
        self.csv += row
`,
      }),
    },
  );
  expect(verdict).toBe('leak');
  expect(findings[0]).toMatchObject({
    owner: 'ledger.ledger → Ledger.csv (string)',
    location: { file: 'ledger.py', line: 5, role: 'adds' },
    growth: { bytes: 1_200_000 },
  });
  expect(growth.explainedShare).toBeGreaterThan(0.9);
});

test('clean: a text that is replaced by one of another size', async () => {
  const { verdict } = await diagnosePython([100_000, 220_000, 160_000], (heap, bytes) => {
    heap.module('page', { last: heap.text(`page ${bytes}`, 'page', bytes) });
  });
  expect(verdict).not.toBe('leak');
});
