import type { GroupStudy } from './study.ts';

/** What package database/sql starts for the rows of a query with a context that can be cancelled, until they are closed. */
export function isOpenRows(study: GroupStudy): boolean {
  return runs(study, 'database/sql.(*Rows).awaitDone');
}

/** The same for a transaction, until it is committed or rolled back. */
export function isOpenTransaction(study: GroupStudy): boolean {
  return runs(study, 'database/sql.(*Tx).awaitDone');
}

function runs({ group: { main } }: GroupStudy, name: string): boolean {
  return main.waitClass === 'blocked' && main.frames.some(({ function: each }) => each === name);
}
