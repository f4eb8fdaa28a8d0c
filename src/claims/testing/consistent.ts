/** Incident texts whose numbers agree with each other: nothing in them may be called contradicted. */
export const CONSISTENT: Readonly<Record<string, string>> = {
  'a Rails service told by its timeline, in GiB': `# Postmortem: order-matcher grows

- **Fired**: 2025-03-04 14:20 UTC
- **Service**: order-matcher (Rails 7, Sidekiq)

\`\`\`
Metric: container_memory_working_set_bytes
Pattern: steady growth, 60 MiB per hour
Current: 2.0GiB (started at 1.4GiB after the deploy)
Threshold: alert at 1.9GiB, OOM at 3GiB
Time to OOM: about 17 hours
\`\`\`

| Time (UTC) | Event |
| --- | --- |
| 2025-03-04 04:00 | Deployed v9.1.0 |
| 2025-03-04 09:00 | Memory at 1.7GiB |
| 2025-03-04 14:20 | Alert fired, memory at 2.0GiB |

Memory grew by about
60 MiB per hour the whole day.

Largest retained objects by size:

- PriceBook @quotes: 500MiB
- Ledger @rows: 60MiB

In Ruby a literal default argument is a fresh hash on each call, so \`def match(opts = {})\` is innocent.

@dev: \`def find(opts = {})\` mutates opts internally. But Ruby makes a fresh hash on every call.

We restart the workers every 8 hours until the fix is out. Watch the fix for 24 hours in staging.
`,
  'a Go gateway told by a pipe table over midnight': `# Incident: telemetry-gw memory

The pod limit is 2 GB.

| time | rss_mb | goroutines |
|------|-------:|-----------:|
| 22:00 | 400 | 500 |
| 23:00 | 640 | 2,900 |
| 00:00 | 880 | 5,300 |
| 01:00 | 1,120 | 7,700 |
| 02:00 | 1,360 | 10,100 |

RSS rises linearly at 4 MB/min. Memory will reach the limit in about 2.7 hours.

- Streams opened: ~100/min
- Streams closed: ~60/min (40 left open per minute)

Alert fired at 02:00 UTC on 2025-05-06 because usage was at 68%, threshold: > 65%.

\`\`\`
2025-05-06T01:00:00Z INFO stream opened stream=ab12cd
2025-05-06T01:00:05Z INFO stream data stream=ab12cd
2025-05-06T01:00:09Z INFO stream closed stream=ab12cd
2025-05-06T01:00:20Z INFO stream opened stream=ab12cd
2025-05-06T01:00:25Z INFO stream data stream=ab12cd
\`\`\`
`,
  'a Node service with listeners, a ledger, a heap and a reproduction': `# Presence incident

Triggered: 2025-06-01 12:10 UTC

\`\`\`
12:00  400MB
12:30  500MB
13:00  600MB
13:30  700MB
14:00  800MB (OOM kill at 800MB limit)
\`\`\`

Memory grows by 200 MB per hour.

\`\`\`
Metric: listeners
12:00  100 listeners
12:30  600 listeners
13:00  1,100 listeners
13:30  1,600 listeners
14:00  2,100 listeners
\`\`\`

Every join adds 1 listener. With ~1,000 joins per hour we leak about 1,000 listeners per hour.

sockets.opened: 3,000
sockets.closed: 1,000
sockets.active: 2,000

Retained by class:

- Listener closures: 390MB
- misc: 10MB

Scheduled restarts every 90 minutes hold it off.

\`\`\`js
global.gc();
const before = process.memoryUsage().heapUsed;
for (let i = 0; i < 1000; i++) join(i);
global.gc();
// leaked: 200 MB
\`\`\`
`,
  'a runbook that knows its tools': `# Runbook: Puma memory

Time estimate: 20-30 minutes

### Look (10-15 minutes)

The SLO is memory usage < 80%.

The alert fires on memory usage > 75%.

\`\`\`sh
cat /proc/$WORKER/smaps_rollup
kubectl cp web-0:/tmp/heap-1700000000.json ./heap-1700000000.json
kubectl cp web-0:/tmp/heap-1700000900.json ./heap-1700000900.json
\`\`\`

### Dump (10-15 minutes)

Wait 15 minutes between the two dumps. A sawtooth with a flat floor is healthy. Cycles are collected by the GC.
In staging, monitor the fix for 6 hours; in production, monitor the fix for 6 hours, too.
`,
  'prose that has nothing to do with leaks': `# Weekly capacity note

Traffic is 1,200 requests per minute. The p99 is 120 ms. We ship 50 MB/s to the CDN. The cache limit is 512MB and it holds at 500MB.
Disk usage grows by 2 GB per day. We restarted the canary pod at 10:00. The team has 5 people. Node 20 and Ruby 3.1 are installed.
Memory is flat at 1.2 GB. 95% of requests finish within 200 ms. 12 + 30 = 42 and 45 of 60 (75%).
The heap shows a sawtooth with a constant floor, which is normal. 10 of 12 nodes are healthy.
`,
  'a warm-up that is one': `# Memory after the deploy

09:00 UTC - Deployed build 12
09:10 UTC - Memory at 300 MB
09:20 UTC - Memory at 500 MB
09:30 UTC - Memory at 560 MB
09:40 UTC - Memory at 575 MB

We think that it is warm-up after the deploy.
`,
  'a kill between two rows, and the table starts low again': `# Worker

12:00 UTC - Worker restarted
13:15 UTC - Worker OOM-killed
13:20 UTC - Worker restarted

| time | memory |
| --- | --- |
| 12:00 | 200 MB |
| 12:30 | 400 MB |
| 13:00 | 600 MB |
| 13:30 | 210 MB |
| 14:00 | 405 MB |

The memory limit is 700 MB. It grows by 400 MB per hour.
`,
};
