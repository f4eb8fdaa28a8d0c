import type { GoFrame } from '../../model/goroutines.ts';

/**
 * What a goroutine waits for, as far as leaks go:
 * `blocked` on another goroutine (channel, select, lock, group) · `never`: nothing can wake it, whatever others do ·
 * `timer` asleep · `io` on a peer or the kernel · `active` running or about to · `runtime` the runtime's own waits.
 */
export type WaitClass = 'blocked' | 'never' | 'timer' | 'io' | 'active' | 'runtime';

const BLOCKED =
  /^(?:chan (?:receive|send)|select|sem(?:acquire|arelease)|sync\.|coroutine|synctest\.|panicwait|waiting$)/;
const NEVER = /^(?:select \(no cases\)|chan (?:receive|send) \(nil chan\))$/;
const ACTIVE = /^(?:running|runnable|copystack|preempted|idle|dead|moribund)$/;
const RUNTIME =
  /^(?:GC |finalizer|cleanup|force gc|timer goroutine|GOMAXPROCS|trace |dumping heap|debug call|wait for GC|flushing|stopping)/;

/** The class of a state as the text has it; words that are not known count as blocked, the class that asks most. */
export function waitClassOf(state: string): WaitClass {
  if (NEVER.test(state)) return 'never';
  if (BLOCKED.test(state)) return 'blocked';
  if (state === 'IO wait' || state === 'syscall') return 'io';
  if (state === 'sleep') return 'timer';
  if (ACTIVE.test(state)) return 'active';
  return RUNTIME.test(state) ? 'runtime' : 'blocked';
}

const LEAVES: readonly (readonly [RegExp, WaitClass])[] = [
  [
    /^(?:internal\/poll\.|net\.\(|syscall\.|runtime\.netpoll|runtime\.notetsleepg|os\/signal\.signal_recv)/,
    'io',
  ],
  [/^time\.Sleep$/, 'timer'],
  [/^runtime\.block$/, 'never'],
  [/^(?:sync\.|internal\/sync\.|runtime\.(?:chan|select|sem))/, 'blocked'],
  [/^runtime\/pprof\./, 'active'],
  [/^runtime\.(?:bg|gc|force|run(?:finq|Finalizers|Cleanups))/, 'runtime'],
];

/** The class told from the innermost frames, for profiles that have no state. */
export function waitClassOfFrames(frames: readonly GoFrame[]): WaitClass {
  for (const { function: name } of frames.slice(0, 6)) {
    if (name === 'runtime.gopark' || name === 'runtime.goparkunlock') continue;
    const found = LEAVES.find(([pattern]) => pattern.test(name));
    if (found) return found[1];
    if (!name.startsWith('runtime.')) break;
  }
  return 'blocked';
}
