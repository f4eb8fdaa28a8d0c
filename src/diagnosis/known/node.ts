import type { KnownGrowth } from './known-growth.ts';

export const knownNodeGrowth: readonly KnownGrowth[] = [
  {
    path: /HTTPParser|\.parsers FreeList|FreeList\b/,
    why: 'a free list of HTTP parsers: the runtime reuses them and keeps at most 1,000',
    seen: 'Node 18 to 24',
  },
  {
    path: /BuiltinModule\b.*\.exportKeys/,
    why: 'names of the exports of built-in modules, filled when each is first used',
    seen: 'Node 18 to 24',
  },
  {
    path: /\.freeSockets Object/,
    why: 'idle keep-alive connections of an http Agent, capped by maxFreeSockets (256 a host)',
    seen: 'Node 18 to 24',
  },
  {
    path: /\$(?:inspector|console)\w* .*\(Global handles\)|V8Console|InspectedContext/,
    why: 'kept by the debugger that is attached for the capture',
    seen: 'Node 18 to 24',
  },
];
