/** Texts with one thing wrong each (others may be, too), the check that must find it, and what it must say. */
export const CONTRADICTED: readonly { name: string; text: string; check: string; says?: RegExp }[] = [
  {
    name: 'a rate that is a sixth of what the table says',
    check: 'growth-rate',
    says: /5\.76/,
    text: '# gw\n\n```\n22:00    400MB\n23:00    640MB\n00:00    880MB\n01:00    1,120MB\n```\n\nLeak rate is around 1 GB per day.\n',
  },
  {
    name: 'a steady rate over growth that accelerates',
    check: 'growth-rate',
    says: /accelerates/,
    text: '# x\n\n09:00 UTC - RSS at 300 MB\n10:00 UTC - RSS at 400 MB\n11:00 UTC - RSS at 700 MB\n\nRSS climbs at a constant ~200 MB/hour.\n',
  },
  {
    name: 'a warm-up that accelerates',
    check: 'growth-shape',
    text: '# x\n\n09:00 UTC - RSS at 300 MB\n10:00 UTC - RSS at 400 MB\n11:00 UTC - RSS at 700 MB\n\nOps dismissed it as warm-up.\n',
  },
  {
    name: 'a time to the limit from a rate that is out of date',
    check: 'time-to-limit',
    text: '# x\n\nlimit: 2 GB\n\n| time | heap |\n|---|---|\n| 08:00 | 400 MB |\n| 10:00 | 500 MB |\n| 12:00 | 900 MB |\n\nAt 50 MB/h the leak takes 22 hours to OOM.\n',
  },
  {
    name: 'a level after a restart that no rate in the text reaches',
    check: 'refill',
    says: /times the fastest/,
    text: '# x\n\nMemory limit: 4GiB. The heap grows by 20 MiB every 5 minutes.\n\n10:00 UTC - worker restarted\n10:30 UTC - memory back at 90% after just 30 minutes of uptime\n',
  },
  {
    name: 'a kill sooner than the stated rate allows',
    check: 'last-stretch',
    text: '# x\n\nContainer limit 1 GiB.\n\n05:00 UTC - Alert fired\n05:10 UTC - Pod OOM-killed\n\nCurrent value: 80%\n\nLeak rate: 1 MiB/min\n',
  },
  {
    name: 'a restart schedule that is longer than the time to the limit',
    check: 'restart-period',
    text: '# x\n\nlimit of 1 GB\n\n```\n01:00 300MB\n02:00 500MB\n03:00 700MB\n```\n\nCron recycles the worker every 6 hours.\n',
  },
  {
    name: 'an alert below its own threshold',
    check: 'alert-threshold',
    says: /below its own threshold/,
    text: '# x\n\nThreshold: alert above 6GB\n\n- 2025-01-02 03:00 UTC: memory at 2.0GB\n- 2025-01-02 05:00 UTC: alert fired, memory at 3.0GB\n',
  },
  {
    name: 'an alert value that the table does not have at that minute',
    check: 'alert-against-table',
    text: '# x\n\nPod limit: 1,000 MB\n\n```\n10:00  200MB\n11:00  400MB\n12:00  600MB\n```\n\n11:00 UTC - alert fired\n\nCurrent value: 75%\n',
  },
  {
    name: 'thresholds that differ between objective, alert and environment',
    check: 'thresholds-agree',
    text: '# x\n\nSLO: memory usage < 70%\n\nAlert: memory usage > 90% for 5 minutes\n\n```\nMEM_ALERT_THRESHOLD=75\n```\n',
  },
  {
    name: 'a row with values of two processes',
    check: 'rows-mix-processes',
    text: '# x\n\n```\n11:00  2,000 threads\n11:10  2,900 threads\n11:40  5,600 threads (post-restart: 150)\n```\n\n11:35 UTC - Pod OOM-killed\n11:45 UTC - Pod restarted\n',
  },
  {
    name: 'an uptime that the timeline does not have',
    check: 'timeline-duration',
    text: '# x\n\n11:00 UTC - Pod restarted\n11:50 UTC - memory at 80% after just 15 minutes of uptime\n',
  },
  {
    name: 'a top list that is short',
    check: 'promised-rows',
    text: '# x\n\n```\nTop 5 classes:\n1. Foo\n2. Bar\n```\n',
  },
  {
    name: 'a leak that ignores the load and is made per request',
    check: 'load-independence',
    text: '# x\n\nRSS grows irrespective of traffic. Every checkout request registers a hook that stays.\n',
  },
  {
    name: 'goroutines that never end, whose ids say that most did',
    check: 'goroutine-ids',
    says: /86 % did end/,
    text: '# x\n\n```\n10:00  900 goroutines\n10:10  1,700 goroutines\n10:20  2,500 goroutines\n```\n\n```\ngoroutine 17604 [select, 4 minutes]:\nmain.watch()\n```\n\nOur goroutines never exit once started.\n',
  },
  {
    name: 'a small ledger for a big growth',
    check: 'ledger-fit',
    says: /13 %/,
    text: '# x\n\n```\n22:00 500 goroutines\n23:00 2,900 goroutines\n00:00 5,300 goroutines\n```\n\n- Streams closed: ~95/min\n- Streams opened: ~100/min\n',
  },
  {
    name: 'many endings without clean-up for few things left',
    check: 'ledger-fit',
    says: /9,000/,
    text: '# x\n\n```\n22:00 100 watchers\n23:00 400 watchers\n00:00 700 watchers\n```\n\n```\npeer.connects.total: 10,000\npeer.disconnects.total: 9,500\npeer.watcher.removed: 500\n```\n',
  },
  {
    name: 'counters that do not add up',
    check: 'ledger-balance',
    says: /500, not 900/,
    text: '# x\n\nsubscriptions_created_total: 12,000\nsubscriptions_released_total: 11,500\nsubscriptions_active: 900\n',
  },
  {
    name: 'a sum that is wrong',
    check: 'own-arithmetic',
    says: /It is 42/,
    text: '# x\n\nThat makes 12 + 30 = 45 sessions.\n',
  },
  { name: 'a share that is wrong', check: 'own-arithmetic', text: '# x\n\nOf these, 45 of 60 (80%) leak.\n' },
  {
    name: 'accused that take a tenth of what grew',
    check: 'explained-share',
    says: /10 %/,
    text: '# x\n\nMemory grew from 1.0 GB to 2.0 GB in 5 hours.\n\nHeap by class, biggest first:\n\n- SessionStore: 80MB\n- RouteTable: 20MB\n',
  },
  {
    name: 'a total that is not the sum',
    check: 'totals',
    text: '# x\n\nRSS grew from 1.0 GB to 2.0 GB in 5 hours.\n\n```\nHeap by class:\nFoo   500MB\nBar   300MB\nTotal  950MB\n```\n',
  },
  {
    name: 'a cache that grows at a third of the rate',
    check: 'entries-times-bytes',
    text: '# x\n\n08:00 UTC - memory at 1.0 GB\n12:00 UTC - memory at 1.4 GB\n\nLargest retained objects:\n\n- ThumbnailStore previews: 100MB\n- other: 10MB\n\n```\n2025-01-01T11:00:00Z INFO ThumbnailStore previews size: 10,000 entries\n2025-01-01T11:01:00Z INFO ThumbnailStore previews size: 10,050 entries\n2025-01-01T11:02:00Z INFO ThumbnailStore previews size: 10,100 entries\n```\n',
  },
  {
    name: 'as many instances as are active',
    check: 'live-instances',
    text: '# x\n\nclients.active: 420\n\n```\nRetained size by class\n\nClass          Count    Size (MB)\nClient         420      12.0\nHandlers       2,600    40.0\n```\n',
  },
  {
    name: 'a dump from the minute of the kill',
    check: 'snapshot-moment',
    text: '# x\n\n```\n10:00 100 timers\n10:30 600 timers\n11:00 1,100 timers\n```\n\n11:00 UTC - OOM-killed\n\n```\nHeap by constructor\n\nName      Count   Size (MB)\nTimers    1,100   50.0\nSockets   30      9.0\n```\n',
  },
  {
    name: 'a product that is wrong',
    check: 'per-operation',
    text: '# x\n\nEvery message adds 2 timers. At 300 messages per minute that is 900 timers per minute.\n',
  },
  {
    name: 'a series that grows faster than its cause',
    check: 'per-operation-series',
    text: '# x\n\n```\n10:00 100 timers\n10:30 1,600 timers\n11:00 3,100 timers\n```\n\nEach message leaves 1 timer behind, at 500 messages per hour.\n',
  },
  {
    name: 'a reproduction that makes a tenth of the leak',
    check: 'reproduction',
    says: /without a collection before/,
    text: '# x\n\nMemory grew from 1.0 GB to 2.0 GB in 5 hours. There are 200 joins per hour.\n\n```js\nconst a = process.memoryUsage().heapUsed;\nfor (let i = 0; i < 100; i++) join(i);\nglobal.gc();\nconst b = process.memoryUsage().heapUsed;\n// leaked: 10 MB\n```\n',
  },
  {
    name: 'a path into one emitter beside code for many',
    check: 'retaining-path',
    says: /at least 413/,
    text: "# x\n\n```\nRetained by: EventEmitter._events.tick[412]\n```\n\n```js\nconn.on('tick', onTick);\n```\n",
  },
  {
    name: 'a class variable that is an instance variable elsewhere',
    check: 'variable-names',
    text: '# Ruby service\n\nThe dump shows @@registry at 80MB. In review: `@registry` is shared.\n',
  },
  {
    name: 'steps that take longer than the estimate',
    check: 'time-estimate',
    text: '# x\n\nTime estimate: 10-15 minutes\n\n## One (10-20 minutes)\n\n## Two (10-20 minutes)\n',
  },
  {
    name: 'a wait that is longer than its step',
    check: 'step-duration',
    text: '# x\n\n## Deploy and watch (5 minutes)\n\n```sh\nsleep 1800\n```\n\n## Close (5 minutes)\n',
  },
  {
    name: 'three times to watch a fix',
    check: 'verification-times',
    text: '# x\n\n## Deploy the fix\n\n- Staging: monitor for 4 hours\n- Production: monitor for 30 minutes\n',
  },
  {
    name: 'a watch that is too short for the leak',
    check: 'verification-length',
    text: '# x\n\nMemory grew from 3.0 GB to 3.5 GB in 10 hours.\n\nAfter the fix, monitor for 15 minutes.\n',
  },
  {
    name: 'dumps that lie closer together than the wait',
    check: 'wait-against-stamps',
    says: /= 120 s/,
    text: '# x\n\nWait 30 minutes before the second dump.\n\n```\nls heap-1700000000.json heap-1700000120.json\n```\n',
  },
  {
    name: 'a file looked for where it never was',
    check: 'copied-paths',
    text: '# x\n\n```sh\nkubectl cp web-0:/tmp/heap-17.json ./after.json\nkubectl exec web-0 -- ruby cmp.rb /tmp/after.json\n```\n',
  },
  {
    name: 'self in a plain function',
    check: 'python-self',
    text: '# x\n\n```python\ndef reset(items):\n    self.items = []\n```\n',
  },
  {
    name: 'Ruby defaults that are told as shared',
    check: 'ruby-default-argument',
    text: '# Rails app\n\nSince Ruby keeps the same hash for every call, `def parse(opts = {})` grows.\n',
  },
  {
    name: 'Python defaults that are told as fresh',
    check: 'python-default-argument-fresh',
    text: '# x\n\nIn Python each call gets a fresh list for a default argument.\n',
  },
  {
    name: 'cycles as a leak in Ruby',
    check: 'ruby-cycles-are-collected',
    text: '# Rails\n\n- [ ] Circular references between models\n',
  },
  {
    name: 'a sawtooth as the sign',
    check: 'sawtooth-is-healthy',
    text: '# x\n\nThe sawtooth shows the leak.\n',
  },
  {
    name: 'a signal that restarts Puma',
    check: 'puma-usr2-restarts',
    text: '# Puma\n\n```\nkill -s SIGUSR2 $(cat puma.pid)\n```\n',
  },
  {
    name: 'a command that runs elsewhere',
    check: 'railway-run-is-local',
    text: '# x\n\n```\nrailway run python -c "import gc; gc.collect()"\n```\n',
  },
  {
    name: 'a console that is another process',
    check: 'rails-console-is-a-new-process',
    text: '# Rails\n\n```\nbin/rails runner "p GC.stat"\n```\n',
  },
  {
    name: 'a debug flag that leaks',
    check: 'debug-leak-leaks',
    text: '# Python\n\n```\ngc.set_debug(gc.DEBUG_LEAK)\n```\n',
  },
];
