import type { KnownFact } from './fact.ts';

const REMOTE = /\b(?:railway ssh|railway shell --remote)\b/;

/** A code is denied a meaning, or told with what came before it: SIGTERM was sent first, SIGKILL followed. */
const NO_MEANING =
  /\b(?:not|no|nothing|n't|never|neither|nor|unlike|rather than|instead|without|ignored|grace|followed|then|later)\b/i;

/** What commands, signals and tools do, and to which process. */
export const COMMAND_FACTS: readonly KnownFact[] = [
  {
    id: 'exit-code-137',
    says: /\b(?:exit(?:ed)?(?: with)?(?: code| status)?|code|status)\s*:?\s*137\b(?:[,:=(]|\s(?:is|was|means?|shows?|says|stands for|that is|due to|because of|after|from|=))[^.;,]{0,24}\b(?:seg(?:mentation )?fault|SIGSEGV|SIGTERM|SIGABRT|unhandled exception|panic|graceful)\b/i,
    where: 'prose',
    unless: NO_MEANING,
    verdict: 'contradicted',
    because:
      'Exit code 137 is 128 + 9: the process was ended by SIGKILL (the OOM killer, or somebody), not by a fault of its own.',
  },
  {
    id: 'exit-code-139',
    says: /\b(?:exit(?:ed)?(?: with)?(?: code| status)?|code|status)\s*:?\s*139\b(?:[,:=(]|\s(?:is|was|means?|shows?|says|stands for|that is|due to|because of|from|=))[^.;,]{0,30}\b(?:OOM|out of memory|SIGKILL|SIGTERM)/i,
    where: 'prose',
    unless: NO_MEANING,
    verdict: 'contradicted',
    because: 'Exit code 139 is 128 + 11: a segmentation fault (SIGSEGV); the OOM killer leaves 137.',
  },
  {
    id: 'railway-run-is-local',
    says: /\brailway run\b/,
    where: 'line',
    unless: REMOTE,
    verdict: 'contradicted',
    because:
      'railway run executes the command on the computer of the person who types it, with the variables of the service (docs.railway.com/cli/run): what it prints, collects or clears is a fresh process of its own, not the service.',
  },
  {
    id: 'heroku-run-is-a-new-dyno',
    says: /\bheroku run\b.*\b(?:gc|memory|heap|ObjectSpace|console|runner)/i,
    where: 'line',
    verdict: 'contradicted',
    because: 'heroku run starts a one-off dyno: a new process, never the one that leaks.',
  },
  {
    id: 'rails-console-is-a-new-process',
    says: /\brails\s+(?:runner|c\b|console|memory:(?!compare)\w+)|\brake\s+memory:(?!compare)\w+|\brails\s+(?:r)\s+["']/,
    where: 'line',
    runtime: 'ruby',
    verdict: 'contradicted',
    because:
      'rails console, rails runner and rake tasks start a new process: they count, dump and collect themselves, never the worker that leaks.',
  },
  {
    id: 'manage-py-is-a-new-process',
    says: /\b(?:manage\.py shell|flask shell|python -c)\b.*(?:gc\.|ObjectSpace|tracemalloc|get_objects)/,
    where: 'line',
    unless: /railway run|py-spy|pyrasite|memray attach|gdb/,
    verdict: 'contradicted',
    because:
      'It starts an interpreter of its own: its objects and its collector are not those of the service.',
  },
  {
    id: 'puma-usr2-restarts',
    says: /\bkill\s+(?:-s\s+(?:SIG)?USR2|-(?:SIG)?USR2|-12)\b/,
    where: 'line',
    runtime: 'ruby',
    needs: /\bpuma\b/i,
    unlessAnywhere: /trap\(?\s*["']?(?:SIG)?USR2/,
    verdict: 'contradicted',
    because:
      "USR2 is Puma's own restart signal: at the master it restarts everything and the evidence is gone, a worker ignores it, and a plain Ruby is killed by it. A dump by signal needs a trap of its own on a free signal.",
  },
  {
    id: 'usr2-kills-plain-processes',
    says: /\bkill\s+(?:-s\s+(?:SIG)?USR2|-(?:SIG)?USR2|-12)\b/,
    where: 'line',
    runtime: 'python',
    unlessAnywhere: /signal\.signal|faulthandler\.register|gunicorn/,
    verdict: 'contradicted',
    because: 'A Python process without a handler is killed by USR2.',
  },
  {
    id: 'puma-usr1-is-a-phased-restart',
    says: /\bkill\s+(?:-s\s+(?:SIG)?USR1|-(?:SIG)?USR1|-10)\s+\d+/,
    where: 'line',
    runtime: 'ruby',
    needs: /\bpuma\b/i,
    verdict: 'cannot-tell',
    because:
      'USR1 at the Puma master is a phased restart of the workers, if that process is the master; with preload_app! Puma does not do it. It destroys what the workers held: capture first.',
  },
  {
    id: 'kill-destroys-evidence',
    says: /\bkill\s+-(?:SIG)?(?:TERM|KILL|9|15)\b/,
    where: 'line',
    verdict: 'cannot-tell',
    because: 'A master respawns a killed worker, but what it held is gone with it: take the dump before.',
  },
  {
    id: 'pid-1-is-the-master',
    says: /\/proc\/1\/(?:status|smaps(?:_rollup)?|statm|stat)\b/,
    where: 'line',
    needs: /\b(?:puma|unicorn|gunicorn|uwsgi|workers?|cluster)\b/i,
    verdict: 'contradicted',
    because:
      'PID 1 is the master (or a shell); the workers are other processes. Sum PSS over all of them: summed RSS counts shared pages once per worker.',
  },
  {
    id: 'proc-find-counts-twice',
    says: /\bfind\s+\/proc\s+(?!.*-maxdepth).*-name\s+cmdline/,
    where: 'line',
    verdict: 'contradicted',
    because:
      'It also walks /proc/PID/task/TID/cmdline, so that each process is listed once more per thread, and the search finds its own command line.',
  },
  {
    id: 'biggest-is-not-leaking',
    says: /\b(?:worst offender|highest memory (?:consuming )?(?:process|pid|worker)|biggest process|PIDs? using >|process using the most)\b/i,
    where: 'prose',
    unless: /\b(?:slope|grow\w*|rate|over time)\b/i,
    verdict: 'contradicted',
    because: 'The biggest process need not be the leaking one: the slope decides, so sample twice at least.',
  },
  {
    id: 'debug-leak-leaks',
    says: /gc\.set_debug\(\s*gc\.DEBUG_(?:LEAK|SAVEALL)/,
    where: 'line',
    verdict: 'contradicted',
    because:
      'DEBUG_LEAK includes DEBUG_SAVEALL: everything that is collected from then on stays in gc.garbage for ever. It makes a leak, and what it then lists as uncollectable was collectable.',
  },
  {
    id: 'getsizeof-is-shallow',
    says: /for \w+ in gc\.get_objects\(\)[\s\S]{0,200}?sys\.getsizeof\((?:obj|o|\w+)\)[\s\S]{0,120}?>\s*[\d_]{5,}/,
    where: 'code',
    verdict: 'contradicted',
    because:
      'sys.getsizeof is shallow: a list passes 1 MB only beyond 125,000 entries, a dict from about 21,800, and many small objects never do. On six real leaks such a loop found nothing.',
  },
  {
    id: 'weak-value-cache',
    says: /WeakValueDictionary\(\)/,
    where: 'line',
    unless: /#.*(?:instances?|held elsewhere|registry)/,
    verdict: 'contradicted',
    because:
      'As a cache it does not work: dict, list, str, int and tuple values raise TypeError, and an instance that nobody else holds is gone at once.',
  },
  {
    id: 'lru-cache-on-method',
    says: /@(?:functools\.)?(?:lru_cache|cache)\b[^\n]*\n\s*(?:async )?def \w+\(\s*self\b/,
    where: 'code',
    verdict: 'contradicted',
    because:
      'On a method the cache keeps every instance that it was called on, up to maxsize (1,000 alive of 2,000 made after gc.collect()).',
  },
  {
    id: 'lru-cache-as-fix',
    says: /@(?:functools\.)?lru_cache\b[^\n]*\n\s*(?:async )?def \w+\(\s*(?!self\b)/,
    where: 'code',
    verdict: 'cannot-tell',
    because: 'Bounded on a plain function; on a method it would keep up to maxsize instances alive.',
  },
  {
    id: 'profiling-by-restart',
    says: /(?:TRACEMALLOC|MEMORY_PROFILING|PROFIL\w*|MEMRAY|HEAPPROFILE|MEMORY_DEBUGGING)\w*=\S+[\s\S]{0,200}?\b(?:restart|redeploy|rollout restart)\b[\s\S]{0,300}?(?:snapshot|profile|dump)/i,
    where: 'code',
    verdict: 'contradicted',
    because:
      'The restart that turns the profiler on throws the leaked state away before the first snapshot; after it the leak has to grow again. tracemalloc also costs 13 times (1 frame) to 135 times (25 frames) the CPU and sees no memory of C code.',
  },
  {
    id: 'memory-profiler-gem',
    says: /\bmemory_profiler\b/,
    where: 'any',
    runtime: 'ruby',
    needs: /@\w+[^\n]{0,60}?:\s*\d[\d.,]*\s?[kMG]i?B/,
    verdict: 'contradicted',
    because:
      'The memory_profiler gem cannot have made that table: it prints allocated and retained by gem, file, line and class for one block of code, never the name of an instance variable nor what one retains, and it does not look at a running server.',
  },
  {
    id: 'sheap-diff-undefined',
    says: /^\s*(?:puts\s.*)?\b(?<![$@.\w])diff\.(?:objects|retained)\b/m,
    where: 'code',
    needs: /\bsheap\b/i,
    verdict: 'contradicted',
    because:
      'In sheap there is no local diff, only $diff and @diff: it raises NameError. With one dump there is no diff at all, and its objects is an alias of its retained.',
  },
  {
    id: 'sheap-needs-two',
    says: /^\s*sheap\s+\S+\s*$/m,
    where: 'line',
    needs: /\bdiff\./,
    verdict: 'contradicted',
    because: 'sheap with one file opens one dump: there is nothing to compare with. Give it both.',
  },
  {
    id: 'usage-includes-page-cache',
    says: /\bcontainer_memory_usage_bytes\b/,
    where: 'any',
    unless: /page cache|working[_ ]set/i,
    verdict: 'cannot-tell',
    because:
      'container_memory_usage_bytes includes page cache that the kernel can reclaim; OOM decisions follow container_memory_working_set_bytes. How much of the value is the process is not known.',
  },
  {
    id: 'free-ignores-available',
    says: /\bfree memory\b[^.]{0,40}\b(?:low|nearly (?:zero|gone)|exhausted|dropp\w+)\b/i,
    where: 'prose',
    unless: /MemAvailable|\bavailable\b/i,
    verdict: 'cannot-tell',
    because: 'Free memory falls as the page cache fills, which is healthy; MemAvailable tells.',
  },
  {
    id: 'rss-summed-over-workers',
    says: /\b(?:sum(?:med)?|total|added up)\b[^.]{0,30}\bRSS\b[^.]{0,40}\b(?:workers?|processes|forks?)\b/i,
    where: 'prose',
    unless: /\bPSS\b/,
    verdict: 'contradicted',
    because: 'RSS summed over forked workers counts shared pages once per worker; use PSS.',
  },
  {
    id: 'listeners-metric-is-not-default',
    says: /\bnodejs_(?!heap_|external_memory|gc_duration|active_(?:handles|requests|resources)|eventloop_lag|version_info)\w+/,
    where: 'any',
    verdict: 'cannot-tell',
    because:
      "It is not among prom-client's default metrics: one of the service's own. What it counts, and on which emitters, is not known.",
  },
  {
    id: 'unmeasured-symptoms',
    says: /\b(?:occasional|sporadic|unpredictable|intermittent)\b[^.]{0,60}\b(?:near (?:the )?(?:OOM|limit)|restarts?|timeouts?)\b/i,
    where: 'prose',
    verdict: 'cannot-tell',
    because: 'The text has no times or counts for it that could be laid beside those of memory.',
  },
  {
    id: 'force-gc-as-fix',
    says: /\b(?:gc\.collect\(|GC\.start|global\.gc\(|runtime\.GC\()/,
    where: 'line',
    unless: /railway run|rails|before|baseline|snapshot|heapUsed|\/\//,
    needs: /\b(?:quick fix|emergency memory release|temporary relief|immediate mitigation)\b/i,
    verdict: 'cannot-tell',
    because:
      'A collection frees only what nothing holds; a leak is held. It helps against late collection, not against a leak.',
  },
];
