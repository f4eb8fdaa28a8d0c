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
    // Since version 7 its constructor demands one of the three; since 9 the layout of the package tells the version.
    owner: /\/lru-cache\/dist\//,
    why: 'a cache of lru-cache, made with a limit (max, maxSize or ttl): it fills up to that; with ttl alone and without ttlAutopurge what nobody asks for stays',
    seen: 'lru-cache 9 to 11',
  },
  {
    path: /\$(?:inspector|console)\w* .*\(Global handles\)|V8Console|InspectedContext/,
    why: 'kept by the debugger that is attached for the capture',
    seen: 'Node 18 to 24',
  },
];
