import { notClosed } from '../../go/not-closed.ts';
import type { GoRule } from '../../go/rule.ts';
import { isOpenRows, isOpenTransaction } from '../../go/sql-client.ts';

const QUERY =
  /\b(\w+)\s*,\s*\w+\s*:?=\s*[\w.()[\]]+\.(?:Query|QueryContext|Queryx|QueryxContext|NamedQuery|NamedQueryContext)\(/;

/** Results of database queries that are neither read to the end nor closed: each keeps a connection and a goroutine. */
export const rowsNotClosed: GoRule = {
  id: 'rows-not-closed',
  runtime: 'go',
  pattern: 'connection-leak',
  match({ study, code }) {
    if (isOpenTransaction(study)) return transactions(study.group.counts.at(-1)!);
    if (!isOpenRows(study)) return null;
    const places = code ? notClosed(code, QUERY) : [];
    const location = places[0]?.opened;
    const leftAt = places[0]?.leftAt ?? null;
    return {
      fit: 0.99,
      title: 'Rows of database queries are not closed: each keeps a connection and a goroutine',
      ...(location ? { location } : {}),
      alsoSee: [...(leftAt ? [leftAt] : []), ...places.slice(1, 4).map(({ opened }) => opened)],
      reasons: [
        `${study.group.counts.at(-1)} results of queries are open: their goroutines wait for the end of the rows or of the context`,
        ...(leftAt
          ? [`the source returns at line ${leftAt.line} before the rows are closed`]
          : location
            ? ['the source has a query whose rows are never closed']
            : []),
      ],
      against: location ? [] : ['the dump does not tell which query it was'],
      remedy: {
        summary: 'Close the rows of every query, also when only the first one is read.',
        example:
          'rows, err := db.QueryContext(ctx, query)\nif err != nil {\n\treturn err\n}\ndefer rows.Close()',
      },
    };
  },
};

function transactions(count: number): ReturnType<GoRule['match']> {
  return {
    fit: 0.99,
    title: 'Transactions are neither committed nor rolled back: each keeps a connection and a goroutine',
    reasons: [`${count} transactions are open: their goroutines wait for the end of their context`],
    against: ['the dump does not tell where they were begun'],
    remedy: {
      summary: 'Roll back on every way out; after Commit it does nothing.',
      example: 'tx, err := db.BeginTx(ctx, nil)\nif err != nil {\n\treturn err\n}\ndefer tx.Rollback()',
    },
  };
}
