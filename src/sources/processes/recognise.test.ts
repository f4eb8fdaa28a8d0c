import { expect, test } from 'vitest';
import { type Looks, recognise, withFamily } from './recognise.ts';

const looks = (command: string[], executable: string | null, go = false): Looks => ({
  command,
  executable,
  name: (command[0] ?? '').slice(0, 15),
  go,
});

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
