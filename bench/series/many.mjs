// Thousands of series from a server, through the command itself: a stand-in of Prometheus' API answers from made-up services.
// node bench/series/many.mjs [--series 10000] [--points 480]. Needs dist/ (npm run build).

import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    series: { type: 'string', default: '10000' },
    command: { type: 'string', default: 'dist/cli/main.js' },
  },
});
const count = Number(options.series);
const METRIC = 'container_memory_working_set_bytes';
const labelsOf = (at) => ({ __name__: METRIC, pod: `pod-${at}`, container: 'app', namespace: 'prod' });

/** One in fifty leaks; the rest rest, swing or warm up. */
function memoryAt(at, hour) {
  const noise = Math.sin(hour * 1e5 + at * 12.9898) * 4e6;
  if (at % 50 === 0) return 4e8 + 3e6 * hour + noise;
  if (at % 3 === 0) return 4e8 + 4e7 * Math.sin((hour / 24) * 2 * Math.PI) + noise;
  return at % 7 === 0 ? 4e8 + 2e8 * (1 - Math.exp(-hour / 3)) + noise : 4e8 + noise;
}

const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const form = new URLSearchParams(body || request.url.split('?')[1]);
    const answer = (data) => response.end(JSON.stringify({ status: 'success', data }));
    if (request.url.includes('/series'))
      return answer(Array.from({ length: count }, (_, at) => labelsOf(at)));
    const query = form.get('query') ?? '';
    if (!query.includes(METRIC)) return answer({ resultType: 'matrix', result: [] });
    const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(form.get(name)));
    const pods = [...query.matchAll(/pod-(\d+)/g)].map(([, at]) => Number(at));
    const result = pods.map((at) => {
      const { __name__, ...metric } = labelsOf(at);
      const values = [];
      for (let time = start; time <= end; time += step)
        values.push([time, String(memoryAt(at, (time - start) / 3600))]);
      return { metric, values };
    });
    return answer({ resultType: 'matrix', result });
  });
});

server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const started = performance.now();
  const probe = `import { writeSync } from 'node:fs'; process.on('exit', () => { const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage(); writeSync(2, JSON.stringify({ cpuS: (userCPUTime + systemCPUTime) / 1e6, peakMB: maxRSS / 1024 })); });`;
  const args = [
    '--preserve-symlinks',
    '--preserve-symlinks-main',
    '--import',
    `data:text/javascript,${encodeURIComponent(probe)}`,
    options.command,
    ...['confirm', url, '--selector', METRIC, '--json'],
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  child.on('exit', () => {
    server.close();
    if (out === '') throw new Error(err);
    const { verdict, others } = JSON.parse(out);
    const verdicts = [verdict, ...others.map((each) => each.verdict)];
    const wanted = Math.ceil(count / 50);
    const found = verdicts.filter((each) => each === 'leak').length;
    const { cpuS, peakMB } = JSON.parse(err.slice(err.lastIndexOf('{')));
    process.stdout.write(
      `${verdicts.length} series: ${found} of ${wanted} leaks named; ${((performance.now() - started) / 1000).toFixed(1)} s, ${cpuS.toFixed(1)} s of CPU, ${peakMB.toFixed(0)} MB at most\n`,
    );
    process.exitCode = found === wanted && verdicts.length === count ? 0 : 1;
  });
});
