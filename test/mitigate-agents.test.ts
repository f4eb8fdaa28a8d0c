import { chmodSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { listProcesses } from '../src/sources/processes/process-list.ts';
import { actsOf, Bench, childrenOf, has, mitigate, refusals, says, until } from './mitigate-services.ts';

const linux = process.platform === 'linux';
const hasPuma = linux && has('puma', '-V');
const hasPython = linux && has('python3', '--version');
if (!hasPuma || !hasPython)
  process.stderr.write('collections by an agent not tested: apt-get install puma python3\n');

const bench = new Bench();
afterAll(() => bench.end());

const agent = (path: string): string => fileURLToPath(new URL(`../agents/${path}`, import.meta.url));

/** Each request leaves some garbage that nobody has collected yet. */
const RACKUP = `
require ${JSON.stringify(agent('ruby/lib/stanch_agent.rb'))}
StanchAgent.start
run lambda { |env|
  GC.disable
  Array.new(20_000) { |at| "a text of a request, number #{at}" }
  [200, { 'content-type' => 'text/plain' }, [Process.pid.to_s]]
}`;

const PYTHON = `
import gc, sys, os, http.server
sys.path.insert(0, ${JSON.stringify(agent('python'))})
import stanch_agent
stanch_agent.start(directory=os.environ['DUMPS'])
gc.disable()
class Round: pass
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        for _ in range(20000):
            one, other = Round(), Round()
            one.other, other.other = other, one
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), Handler).serve_forever()
`;

describe.runIf(hasPuma)('a collection in a Ruby worker with the agent', () => {
  test('is planned first, then made: what went and that the rest is held is said, and put on the timeline', async () => {
    const agents = privateFolder();
    const rackup = bench.file('config.ru', RACKUP);
    const service = await bench.serve(
      'puma',
      (port) => ['-w', '2', '-t', '1:2', '-b', `tcp://127.0.0.1:${port}`, rackup],
      { workers: 2, env: { STANCH_DIR: agents } },
    );
    await until(() => agentsOf(service.pid).length === 2, service.said);
    for (let at = 0; at < 6; at++) await fetch(service.url, { headers: { connection: 'close' } });
    const [worker] = agentsOf(service.pid);
    const plan = await mitigate(String(worker), 'gc');
    expect([plan.state, refusals(plan)]).toEqual(['planned', []]);
    expect(plan.steps[0]!.does).toContain("Stanch's agent");
    const folder = bench.folder();
    const done = await mitigate(String(worker), 'gc', '--case', folder, '--yes');
    expect(done.state, JSON.stringify(done)).toBe('done');
    expect(done.outcomes[0]!.says).toMatch(
      /→ .* live objects; stood still for \d+ ms; .*; resident .* → .*; what is left is held/,
    );
    expect((await actsOf(folder)).map(({ facts }) => facts?.['phase'])).toEqual(['intent', 'outcome']);
    expect(childrenOf(service.pid)).toContain(worker);
    // The agent says itself when it will not.
    const again = await mitigate(String(worker), 'gc', '--case', folder, '--yes');
    if (again.state !== 'done') expect(again.outcomes[0]!.says).toContain('20th of the time');
    const master = await mitigate(String(service.pid), 'gc', '--case', folder, '--yes');
    expect(refusals(master)).toContain('role');
  });
});

describe.runIf(hasPython)('a collection in a Python process', () => {
  test('is made by the agent in it, and refused where there is none', async () => {
    const program = bench.file('service.py', PYTHON);
    const env = { STANCH_DIR: privateFolder(), DUMPS: privateFolder() };
    const service = await bench.serve('python3', () => [program], { workers: 0, env });
    await fetch(service.url);
    const done = await mitigate(String(service.pid), 'gc', '--case', bench.folder(), '--yes');
    expect(done.state, JSON.stringify(done)).toBe('done');
    expect(done.outcomes[0]!.says).toMatch(/→ .* live blocks; stood still for \d+ ms/);
    const bare = await bench.serve(
      'python3',
      (port) => ['-m', 'http.server', '--bind', '127.0.0.1', String(port)],
      { workers: 0 },
    );
    const refused = await mitigate(String(bare.pid), 'gc', '--yes');
    expect(refusals(refused)).toEqual(['runtime']);
    expect(says(refused, 'runtime')).toContain('no agent of Stanch');
  });
});

/** The agents use no folder that others can read. */
function privateFolder(): string {
  const folder = bench.folder();
  chmodSync(folder, 0o700);
  return folder;
}

/** Workers whose agent has told of itself. */
function agentsOf(pid: number): number[] {
  return listProcesses()
    .filter(({ ppid, agent: found }) => ppid === pid && found !== null)
    .map((each) => each.pid);
}
