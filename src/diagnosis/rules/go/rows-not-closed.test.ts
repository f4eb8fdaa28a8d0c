import { expect, test } from 'vitest';
import type { Diagnosis } from '../../../model/finding.ts';
import { diagnoseGoroutines } from '../../go/diagnose-goroutines.ts';
import { type Drawn, drawCapture } from '../../go/testing/draw-goroutines.ts';

const sql = '/usr/lib/go/src/database/sql/sql.go';
const main: Drawn = { state: 'IO wait', count: 1, firstId: 1, frames: ['main.main /srv/main.go:9'] };
const open = (what: 'Rows' | 'Tx', count: number): Drawn => ({
  state: 'select',
  count,
  firstId: 1000,
  frames: [`database/sql.(*${what}).awaitDone ${sql}:3009`],
  by: `database/sql.(*${what}).initContextClose ${sql}:2996`,
  creator: (n) => 90_000 + n,
});

async function diagnoseOpen(
  counts: readonly number[],
  code: string | null = null,
  what: 'Rows' | 'Tx' = 'Rows',
): Promise<Diagnosis> {
  const captures = await Promise.all(
    counts.map((count, at) => drawCapture('ABC'[at]!, [main, open(what, count)])),
  );
  const files = new Map(code === null ? [] : [['store.go', code]]);
  return diagnoseGoroutines(
    captures,
    code === null ? {} : { source: { root: '/src', files, maps: new Map() } },
  );
}

const query = (rest: string): string => `package app

func (s *Store) names(ctx context.Context) (string, error) {
	rows, err := s.db.QueryContext(ctx, "select name from people")
	if err != nil {
		return "", err
	}
${rest}
}
`;

test('leaks: rows that are never closed, with the query from the source', async () => {
  const code = query('\tvar name string\n\trows.Next()\n\terr = rows.Scan(&name)\n\treturn name, err');
  const { verdict, findings } = await diagnoseOpen([40, 80, 120], code);
  expect(verdict).toBe('leak');
  expect(findings).toMatchObject([
    { pattern: 'connection-leak', location: { file: 'store.go', line: 4, role: 'adds' } },
  ]);
  expect(findings[0]?.title).toContain('Rows of database queries are not closed');
});

test('leaks: a way out before the rows are closed', async () => {
  const code = query(
    '\tif s.isEmpty() {\n\t\treturn "", nil\n\t}\n\tdefer rows.Close()\n\treturn first(rows)',
  );
  const { findings } = await diagnoseOpen([40, 80, 120], code);
  expect(findings[0]?.alsoSee).toContainEqual({ file: 'store.go', line: 9, role: 'should-remove' });
});

test('leaks: transactions that nobody ends', async () => {
  const { verdict, findings } = await diagnoseOpen([40, 80, 120], null, 'Tx');
  expect(verdict).toBe('leak');
  expect(findings[0]?.title).toContain('Transactions are neither committed nor rolled back');
});

test('clean: as many open rows as before', async () => {
  expect((await diagnoseOpen([60, 64, 61])).verdict).toBe('no-leak');
});

test('clean: a query whose rows are closed at once is not named', async () => {
  const code = query('\tdefer rows.Close()\n\treturn first(rows)');
  const { findings } = await diagnoseOpen([40, 80, 120], code);
  expect(findings[0]?.location?.file).not.toBe('store.go');
  expect(findings[0]?.against).toContain('the dump does not tell which query it was');
});
