import { connectionLeak } from './connection-leak.ts';
import { contextNotCancelled } from './context-not-cancelled.ts';
import { goroutineRunaway } from './goroutine-runaway.ts';
import { goroutineStuck } from './goroutine-stuck.ts';
import { responseBodyNotClosed } from './response-body-not-closed.ts';
import type { GoRule } from './rule.ts';

/** All rules on groups of goroutines. `goroutine-stuck` fits them all, least of all. */
export const goRules: readonly GoRule[] = [
  goroutineStuck,
  goroutineRunaway,
  contextNotCancelled,
  responseBodyNotClosed,
  connectionLeak,
];
