import { expect, test } from 'vitest';
import { isHelper, type Looks, notSupported, recognise, withFamily } from './recognise.ts';

const looks = (command: string[], executable: string | null, go = false): Looks => ({
  command,
  executable,
  name: (command[0] ?? '').slice(0, 15),
  go,
});

const PYTHON = '/usr/bin/python3.11';
const RUBY = '/usr/bin/ruby3.1';
const NODE = '/usr/bin/node';
const SPAWN = ['/usr/bin/python3', '-B', '-c', 'from multiprocessing.spawn import spawn_main; spawn_main('];

test.each<[string[], string | null, string | null, string, boolean]>([
  [['node', 'server.js'], '/usr/bin/node', 'node', 'server.js', false],
  [
    ['node', '--max-old-space-size=512', '-r', './tracing.js', 'dist/index.js'],
    '/usr/bin/node',
    'node',
    'dist/index.js',
    false,
  ],
  [['npm exec tsc'], '/usr/bin/node', 'node', 'npm exec tsc', false],
  [['node', '-e', '1'], '/usr/bin/node', 'node', 'node -e', false],
  [['puma: cluster worker 1: 23020 [taskforge]'], '/usr/bin/ruby3.1', 'ruby', 'puma worker 1', false],
  [['puma 5.6.5 (tcp://127.0.0.1:0) [taskforge]'], '/usr/bin/ruby3.1', 'ruby', 'puma', false],
  [['sidekiq 7.2.0 app [0 of 10 busy]'], '/usr/bin/ruby', 'ruby', 'sidekiq', false],
  [['unicorn master -c config/unicorn.rb'], '/usr/bin/ruby', 'ruby', 'unicorn master', true],
  [['stanch: heap dump of 23064'], '/usr/bin/ruby3.1', 'ruby', 'a dump being written', false],
  [['gunicorn: master [app]'], '/usr/bin/python3.11', 'python', 'gunicorn master', true],
  [['python3', '/usr/bin/gunicorn', 'app:app'], '/usr/bin/python3.11', 'python', 'gunicorn', false],
  [['python3', '-m', 'http.server'], '/usr/bin/python3.11', 'python', 'http.server', false],
  [['java', '-cp', 'a.jar', '-jar', '/opt/app.jar'], '/usr/bin/java', 'jvm', 'app.jar', false],
  [['postgres: checkpointer'], '/usr/lib/postgresql/15/bin/postgres', null, 'postgres:', false],
  [['node', 'x.js'], '/usr/bin/node (deleted)', 'node', 'x.js', false],
  [['node', 'x.js'], null, 'node', 'x.js', false],
  [['/usr/bin/python3', '/usr/bin/uvicorn', '--workers', '2', 'app:app'], PYTHON, 'python', 'uvicorn', false],
  [['python', '-m', 'gunicorn.app.wsgiapp', 'app:app'], PYTHON, 'python', 'gunicorn', false],
  [['python3', '/venv/bin/hypercorn', '-w', '2', 'app:app'], PYTHON, 'python', 'hypercorn', false],
  [
    ['python3', '/venv/bin/fastapi', 'run', 'main.py', '--workers', '4'],
    PYTHON,
    'python',
    'fastapi run',
    false,
  ],
  [['python3', '/venv/bin/flask', '--app', 'shop', 'run'], PYTHON, 'python', 'flask run', false],
  [['python3', '-m', 'flask', 'run', '-p', '80'], PYTHON, 'python', 'flask run', false],
  [['python', 'manage.py', 'runserver', '0:8000'], PYTHON, 'python', 'manage.py runserver', false],
  [['python3', '/venv/bin/celery', '-A', 'shop', 'worker', '-c', '4'], PYTHON, 'python', 'celery', false],
  [['python3', '/venv/bin/celery', '-A', 'shop', 'beat'], PYTHON, 'python', 'celery beat', false],
  [['[celeryd: celery@web-1:MainProcess] -active- (worker)'], PYTHON, 'python', 'celery master', true],
  [['[celeryd: celery@web-1:ForkPoolWorker-2]'], PYTHON, 'python', 'celery ForkPoolWorker-2', false],
  [['uWSGI worker 3'], '/usr/bin/uwsgi-core', 'python', 'uwsgi worker 3', false],
  [['python3.13t', 'x.py'], '/opt/bin/python3.13t', 'python', 'x.py', false],
  [[...SPAWN, '--multiprocessing-fork'], PYTHON, 'python', 'multiprocessing child', false],
  [['unicorn worker[1] -c config/unicorn.rb'], RUBY, 'ruby', 'unicorn worker 1', false],
  [['/usr/local/bin/unicorn_rails master -c x.rb'], RUBY, 'ruby', 'unicorn master', true],
  [['sidekiq 6.5.12 shop [3 of 10 busy] stopping'], RUBY, 'ruby', 'sidekiq', false],
  [['puma: cluster worker 3: 7 [shop]'], RUBY, 'ruby', 'puma worker 3', false],
  [['solid-queue-worker(1.0.0): waiting for jobs in *'], RUBY, 'ruby', 'solid_queue worker', false],
  [['Passenger AppPreloader: /srv/shop'], RUBY, 'ruby', 'passenger /srv/shop (preloader)', true],
  [['ruby', 'bin/rails', 'server', '-e', 'production'], RUBY, 'ruby', 'rails server', false],
  [['ruby', '/usr/bin/bundle', 'exec', 'rake', 'jobs:work'], RUBY, 'ruby', 'rake', false],
  [['PM2 v5.3.0: God Daemon (/home/deploy/.pm2)'], NODE, 'node', 'pm2 daemon', true],
  [['next-server (v14.2.3)'], NODE, 'node', 'next-server', false],
  [['node', '/app/node_modules/.bin/next', 'start', '-p', '80'], NODE, 'node', 'next start', false],
  [['node', '/app/node_modules/.bin/tsx', 'watch', 'src/index.ts'], NODE, 'node', 'tsx src/index.ts', false],
  [['node', '/app/node_modules/tsx/dist/cli.mjs', 'server.ts'], NODE, 'node', 'tsx server.ts', false],
  [
    ['node', '--require', '/x/preflight.cjs', '--import', 'file:///x/loader.mjs', 'src/index.ts'],
    NODE,
    'node',
    'src/index.ts',
    false,
  ],
  [
    ['node', '/app/node_modules/.bin/ts-node', '--esm', 'src/server.ts'],
    NODE,
    'node',
    'ts-node src/server.ts',
    false,
  ],
  [['bun', 'run', 'src/index.ts'], '/usr/local/bin/bun', null, 'bun src/index.ts', false],
  [['deno', 'run', '-A', 'main.ts'], '/usr/bin/deno', null, 'deno main.ts', false],
])('%s of %s is recognised', (command, executable, runtime, role, master) => {
  expect(recognise(looks(command, executable))).toEqual({ runtime, role, master });
});

test('a Go program is known by what its linker wrote, whatever it is called', () => {
  expect(recognise(looks(['/app/server', '-v'], '/app/server', true))).toEqual({
    runtime: 'go',
    role: 'server',
    master: false,
  });
});

test('a server with workers of its own kind below it is their master', () => {
  const puma = recognise(looks(['puma 5.6.5 (tcp://0.0.0.0:3000)'], '/usr/bin/ruby'));
  const worker = recognise(looks(['puma: cluster worker 0: 1'], '/usr/bin/ruby'));
  expect(withFamily(puma, [worker])).toMatchObject({ role: 'puma master', master: true });
  expect(withFamily(puma, [])).toMatchObject({ role: 'puma', master: false });
  const gunicorn = recognise(looks(['python', '/usr/bin/gunicorn', 'app:app'], '/usr/bin/python3'));
  expect(withFamily(gunicorn, [gunicorn])).toMatchObject({ master: true });
  // A script that runs another script is nobody's master.
  const script = recognise(looks(['python', 'run.py'], '/usr/bin/python3'));
  expect(withFamily(script, [script])).toMatchObject({ master: false });
});

test.each(['uvicorn', 'hypercorn', 'granian'])(
  '%s with workers that multiprocessing spawned is their master, and they are its workers',
  (server) => {
    const master = recognise(looks(['/usr/bin/python3', `/usr/bin/${server}`, 'app:app'], PYTHON));
    const worker = recognise(looks([...SPAWN, '--multiprocessing-fork'], PYTHON));
    const tracker = recognise(
      looks(['python3', '-c', 'from multiprocessing.resource_tracker import main;main(4)'], PYTHON),
    );
    expect(isHelper(tracker)).toBe(true);
    expect(withFamily(master, [tracker, worker])).toMatchObject({ role: `${server} master`, master: true });
    // The tracker alone is no worker.
    expect(withFamily(master, [tracker])).toMatchObject({ role: server, master: false });
    expect(withFamily(worker, [], master)).toMatchObject({ role: `${server} worker`, master: false });
    expect(withFamily(tracker, [], master)).toEqual(tracker);
  },
);

test('a forked worker that has started something of its own is not taken for the master', () => {
  const one = recognise(looks(['python', '/usr/bin/gunicorn', 'app:app'], PYTHON));
  expect(withFamily(one, [one], one)).toEqual({ runtime: 'python', role: 'gunicorn worker', master: false });
  const celery = recognise(looks(['python', '/usr/bin/celery', '-A', 'shop', 'worker'], PYTHON));
  expect(withFamily(celery, [celery])).toMatchObject({ role: 'celery master', master: true });
  expect(withFamily(celery, [], celery)).toMatchObject({ role: 'celery worker', master: false });
});

test('what a script spawns by multiprocessing is said to be its child', () => {
  const script = recognise(looks(['python', 'train.py'], PYTHON));
  const child = recognise(looks([...SPAWN, '--multiprocessing-fork'], PYTHON));
  expect(withFamily(child, [], script)).toMatchObject({ role: 'child of train.py', master: false });
  expect(withFamily(script, [child])).toMatchObject({ role: 'train.py', master: false });
});

test('a launcher with the real program below it is no place for a capture', () => {
  const tsx = recognise(looks(['node', '/app/node_modules/.bin/tsx', 'src/index.ts'], NODE));
  const program = recognise(looks(['node', '--import', 'file:///loader.mjs', 'src/index.ts'], NODE));
  expect(withFamily(tsx, [program])).toMatchObject({ role: 'tsx src/index.ts (launcher)', master: true });
  expect(withFamily(tsx, [])).toMatchObject({ role: 'tsx src/index.ts', master: false });
  const next = recognise(looks(['next-server (v14.2.3)'], NODE));
  expect(withFamily(next, [program])).toMatchObject({ role: 'next-server', master: false });
});

test('runtimes of which no dump can be taken are known by name', () => {
  const named = (command: string[], executable: string) =>
    notSupported({ command, executable, name: command[0]! });
  expect(named(['bun', 'x.ts'], '/home/deploy/.bun/bin/bun')).toBe('Bun');
  expect(named(['deno', 'run', 'x.ts'], '/usr/bin/deno')).toBe('Deno');
  expect(named(['java', '-jar', 'a.jar'], '/usr/lib/jvm/bin/java')).toBe('the JVM');
  expect(named(['php-fpm: pool www'], '/usr/sbin/php-fpm8.2')).toBe('PHP');
  expect(named(['/app/server'], '/app/server')).toBeNull();
});
