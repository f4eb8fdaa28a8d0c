import type { KnownFact } from './fact.ts';

/** What languages and their collectors do and do not do. Each was measured or is documented by the maker. */
export const LANGUAGE_FACTS: readonly KnownFact[] = [
  {
    id: 'ruby-default-argument',
    says: /\bRuby\b[^.]{0,60}\b(?:reuses?|shares?|keeps?|same)\b[^.]{0,40}\b(?:default|hash|object|array|argument)|\b(?:mutable |shared )?default arg\w*\b[^.]{0,40}\b(?:accumul\w*|mutat\w*|shared|reused|leak\w*|grows?)|\bmutable default arg|\bdef \w+\(\w+ ?= ?(?:\{\}|\[\])\)[^.]{0,60}\b(?:mutat\w*|reus\w*|accumul\w*|shar\w*|grows?)/i,
    where: 'any',
    runtime: 'ruby',
    unless:
      /\b(?:Python|fresh|new (?:hash|array|object) (?:per|on each|for each|every)|not (?:shared|reused)|unlike)\b/i,
    verdict: 'contradicted',
    because:
      'Ruby evaluates a literal default ({}, []) anew in every call without the argument: 1,000 calls make 1,000 objects. Only a default that names a shared object (a constant, self.class.defaults) is shared. Look for what else holds the objects.',
  },
  {
    id: 'python-default-argument-fresh',
    says: /^(?=.*\bPython\b)(?=.*\b(?:calls?|invocation|time)\b)(?=.*\b(?:default|lists?|dicts?|argument)\b).*\b(?:fresh|new)\b/i,
    where: 'any',
    unless: /\b(?:does not|doesn't|never|not|once|unlike)\b/i,
    verdict: 'contradicted',
    because:
      'Python evaluates a default once, when the function is defined: a list or dict that is changed in it stays for all later calls.',
  },
  {
    id: 'python-default-argument-shared',
    says: /\bmutable default arg\w*|\bdef \w+\([^)]*=\s*(?:\[\]|\{\})[^)]*\)[^.]{0,60}\b(?:shared|same|reus\w*|accumul\w*|mutat\w*)/i,
    where: 'prose',
    runtime: 'python',
    unless: /\bRuby\b|\b(?:fresh|new (?:list|dict|object))\b/i,
    verdict: 'holds',
    because:
      'Python evaluates a default once, when the function is defined, so a list or dict that is changed in it is shared by all calls.',
  },
  {
    id: 'javascript-closure-variable',
    says: /\b(?:closures?|handlers?|callbacks?|arrow functions?)\b[^.]{0,40}\bcaptur\w+\b[^.]{0,40}\bby reference|\bhandler keeps using the old\b|\bstale closure\b/i,
    where: 'prose',
    runtime: 'node',
    verdict: 'cannot-tell',
    because:
      'A JavaScript closure captures the variable, not its value: handlers that share a reassigned variable see the new value; each keeps an old one only if every call makes a new binding. The source decides.',
  },
  {
    id: 'singleton-is-a-root',
    says: /\bsingleton\b[^.]{0,100}\b(?:leak\w*|issue|problem|forever|accumulat\w*|grows?)|@@instance\b[^.]{0,80}\b(?:forever|accumulat\w*|leak\w*)/i,
    where: 'prose',
    unless: /\bcache|collection|hash under it|map under it/i,
    verdict: 'cannot-tell',
    because:
      'A singleton lives for ever by purpose: it is a root, not a leak. What can leak is a collection under it; which one is not said.',
  },
  {
    id: 'python-cycles-are-collected',
    says: /\b(?:circular|cyclic)\s+references?\b|\breference cycles?\b/i,
    where: 'any',
    runtime: 'python',
    unless: /\bgc\.disable|__del__ before 3\.4|gc\.freeze|collected|not (?:a )?leak|delay/i,
    unlessAnywhere: /gc\.disable\(\)/,
    verdict: 'contradicted',
    because:
      'Cycles are no leak in Python while the collector runs (since 3.4 also with __del__): they are collected, only later. They leak only with gc.disable().',
  },
  {
    id: 'ruby-cycles-are-collected',
    says: /\b(?:circular|cyclic)\s+references?\b|\breference cycles?\b/i,
    where: 'any',
    runtime: 'ruby',
    unless: /collected|not (?:a )?leak|no leak/i,
    verdict: 'contradicted',
    because:
      "Ruby's collector traces from the roots: cycles that nothing else holds are collected (1,000 pairs made, 0 left after GC).",
  },
  {
    id: 'javascript-go-cycles-are-collected',
    says: /\b(?:circular|cyclic)\s+references?\b[^.]{0,60}\b(?:leak\w*|never|not (?:be )?(?:freed|collected)|prevent\w*)/i,
    where: 'prose',
    unless: /\b(?:Python|Ruby|Swift|Objective-C|Rust|Rc|COM)\b|no leak|not (?:a )?leak/i,
    verdict: 'contradicted',
    because:
      'A tracing collector frees cycles that nothing else holds; they leak only under plain reference counting.',
  },
  {
    id: 'sawtooth-is-healthy',
    says: /\bsaw-?tooth\b/i,
    where: 'any',
    unless:
      /\b(?:normal|healthy|rising (?:floor|baseline|troughs?|lows?|minim\w+)|floor|troughs?|baseline (?:ris|grow)|expected|fine)\b/i,
    verdict: 'contradicted',
    because:
      'A sawtooth is how a healthy heap looks between collections; only a rising floor (the level right after collections) counts.',
  },
  {
    id: 'python-files-close-themselves',
    says: /\bfile\s+(?:handles?|descriptors?)\b[\s\S]{0,200}?\b\w+\s*=\s*open\([^)]*\)\s*\n\s*\w+\s*=\s*\w+\.read\(/i,
    where: 'code',
    runtime: 'python',
    verdict: 'contradicted',
    because:
      'CPython closes a file when its last reference goes: 50 such opens left the number of descriptors as it was. A descriptor leak needs somebody who keeps the file object.',
  },
  {
    id: 'java-like-finalizer-in-go',
    says: /\bgoroutines?\b[^.]{0,50}\b(?:garbage[- ]collected|collected by the GC|cleaned up by the GC)\b/i,
    where: 'prose',
    unless: /\b(?:never|not|aren't|are not|cannot|won't)\b/i,
    verdict: 'contradicted',
    because: 'A blocked goroutine is never collected: it is a root for all that its stack holds.',
  },
  {
    id: 'go-memory-not-returned',
    says: /\b(?:debug\.)?FreeOSMemory\b[^.]{0,40}\b(?:fix\w*|solv\w*|resolv\w*|stops?)\b/i,
    where: 'prose',
    verdict: 'contradicted',
    because: 'FreeOSMemory returns memory that is free already; what is reachable stays.',
  },
];
