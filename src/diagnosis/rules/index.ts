import { connectionLeak } from './node/connection-leak.ts';
import { detachedDom } from './node/detached-dom.ts';
import { listenerLeak } from './node/listener-leak.ts';
import { nativeGrowth } from './node/native-growth.ts';
import { pendingPromise } from './node/pending-promise.ts';
import { sliceRetention } from './node/slice-retention.ts';
import { staleClosure } from './node/stale-closure.ts';
import { timerLeak } from './node/timer-leak.ts';
import { unboundedCollection } from './node/unbounded-collection.ts';
import { unknownGrowth } from './node/unknown-growth.ts';
import type { Rule } from './rule.ts';

/** All rules; of those for a heap's runtime, the best fit names a finding. */
const rules: readonly Rule[] = [
  listenerLeak,
  timerLeak,
  pendingPromise,
  connectionLeak,
  detachedDom,
  sliceRetention,
  staleClosure,
  unboundedCollection,
  nativeGrowth,
  unknownGrowth,
];

export function rulesFor(runtime: Rule['runtime']): Rule[] {
  return rules.filter((rule) => rule.runtime === runtime);
}
