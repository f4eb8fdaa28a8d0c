import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actsOf, Bench, has, mitigate, refusals, type Service, says } from './mitigate-services.ts';

const there = process.platform === 'linux' && has('go', 'version');
if (!there) process.stderr.write('mitigate with Go not tested: apt-get install golang-go\n');
const bench = new Bench();
afterAll(() => bench.end());

const SERVICE = `package main

import (
	"fmt"
	"net/http"
	_ "net/http/pprof"
	"os"
)

var held [][]byte

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		held = append(held, make([]byte, 1<<20))
		fmt.Fprint(w, len(make([]byte, 64<<20)))
	})
	http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil)
}
`;

describe.runIf(there)('mitigate with a real Go service', () => {
  let service: Service;
  beforeAll(async () => {
    const source = bench.file('main.go', SERVICE);
    const program = join(bench.folder(), 'service');
    const built = spawnSync('go', ['build', '-o', program, source], { encoding: 'utf8' });
    if (built.status !== 0) throw new Error(built.stderr);
    // The collector stays away, so that there is something to collect.
    service = await bench.serve(program, () => [], { workers: 0, env: { GOGC: 'off' } });
  }, 120_000);

  test('refuses a restart: nobody would start it again, whatever is accepted', async () => {
    for (const act of ['restart', 'rolling-restart']) {
      const plan = await mitigate(
        String(service.pid),
        act,
        '--without-evidence',
        'test',
        '--accept',
        'supervisor=yes',
        '--yes',
      );
      expect(refusals(plan)).toEqual(['supervisor']);
      expect(says(plan, 'supervisor')).toMatch(/outage.*docker restart/);
      expect(plan.steps).toEqual([]);
    }
    expect((await fetch(service.url)).ok).toBe(true);
  });

  test.each(['by its pid', 'by the address of its handler'])(
    'a collection %s: what is held stays held',
    async (by) => {
      const folder = bench.folder();
      const target = by === 'by its pid' ? String(service.pid) : service.url;
      await fetch(service.url);
      const done = await mitigate(target, 'gc', '--case', folder, '--yes');
      expect(done).toMatchObject({ state: 'done', exitCode: 0 });
      const [{ memoryBeforeBytes, memoryAfterBytes }] = done.outcomes as [(typeof done.outcomes)[0]];
      expect(memoryAfterBytes).toBeLessThan(memoryBeforeBytes! - 30e6);
      expect(memoryAfterBytes).toBeGreaterThan(1e6);
      expect((await actsOf(folder)).map(({ facts }) => facts!['phase'])).toEqual(['intent', 'outcome']);
    },
  );
});
