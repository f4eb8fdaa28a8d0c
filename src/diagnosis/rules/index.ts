import type { GoRule } from '../go/rule.ts';
import { connectionLeak as goConnectionLeak } from './go/connection-leak.ts';
import { contextNotCancelled } from './go/context-not-cancelled.ts';
import { goroutineRunaway } from './go/goroutine-runaway.ts';
import { goroutineStuck } from './go/goroutine-stuck.ts';
import { responseBodyNotClosed } from './go/response-body-not-closed.ts';
import { rowsNotClosed } from './go/rows-not-closed.ts';
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
import { connectionLeak as pythonConnectionLeak } from './python/connection-leak.ts';
import { exceptionRetention as pythonExceptionRetention } from './python/exception-retention.ts';
import { fileDescriptorLeak } from './python/file-descriptor-leak.ts';
import { listenerLeak as pythonListenerLeak } from './python/listener-leak.ts';
import { referenceCycle } from './python/reference-cycle.ts';
import { sharedMutableDefault as pythonSharedMutableDefault } from './python/shared-mutable-default.ts';
import { staleClosure as pythonStaleClosure } from './python/stale-closure.ts';
import { taskLeak as pythonTaskLeak } from './python/task-leak.ts';
import { threadLeak as pythonThreadLeak } from './python/thread-leak.ts';
import { threadLocalGrowth as pythonThreadLocalGrowth } from './python/thread-local-growth.ts';
import { unboundedCollection as pythonUnboundedCollection } from './python/unbounded-collection.ts';
import { unboundedLruCache as pythonUnboundedLruCache } from './python/unbounded-lru-cache.ts';
import { unknownGrowth as pythonUnknownGrowth } from './python/unknown-growth.ts';
import { classVariableGrowth } from './ruby/class-variable-growth.ts';
import { namesForEver } from './ruby/names-for-ever.ts';
import { sharedMutableDefault } from './ruby/shared-mutable-default.ts';
import { staleClosure as rubyStaleClosure } from './ruby/stale-closure.ts';
import { stringDuplication } from './ruby/string-duplication.ts';
import { threadLeak } from './ruby/thread-leak.ts';
import { threadLocalGrowth } from './ruby/thread-local-growth.ts';
import { unboundedCollection as rubyUnboundedCollection } from './ruby/unbounded-collection.ts';
import { unknownGrowth as rubyUnknownGrowth } from './ruby/unknown-growth.ts';
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
  classVariableGrowth,
  namesForEver,
  sharedMutableDefault,
  rubyStaleClosure,
  stringDuplication,
  threadLeak,
  threadLocalGrowth,
  rubyUnboundedCollection,
  rubyUnknownGrowth,
  pythonConnectionLeak,
  pythonExceptionRetention,
  fileDescriptorLeak,
  pythonListenerLeak,
  referenceCycle,
  pythonSharedMutableDefault,
  pythonStaleClosure,
  pythonTaskLeak,
  pythonThreadLeak,
  pythonThreadLocalGrowth,
  pythonUnboundedCollection,
  pythonUnboundedLruCache,
  pythonUnknownGrowth,
];

export function rulesFor(runtime: Rule['runtime']): Rule[] {
  return rules.filter((rule) => rule.runtime === runtime);
}

/** All rules on groups of goroutines. `goroutine-stuck` fits them all, least of all. */
export const goRules: readonly GoRule[] = [
  goroutineStuck,
  goroutineRunaway,
  contextNotCancelled,
  responseBodyNotClosed,
  rowsNotClosed,
  goConnectionLeak,
];

/** Growth of a Go heap is told by the line that allocates: there are no holders to look at. */
export { unboundedCollection as goAllocationRule } from './go/unbounded-collection.ts';
