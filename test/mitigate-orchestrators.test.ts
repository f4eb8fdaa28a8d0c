import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { actsOf, Bench, mitigate, refusals, run, says } from './mitigate-services.ts';

const bench = new Bench();
const path = process.env['PATH'];
afterAll(() => {
  process.env['PATH'] = path;
  bench.end();
});

/** Stands in for a cluster or an engine: answers from a file, and writes down how it was called. */
function standIn(
  program: 'kubectl' | 'docker',
  answers: readonly (readonly [RegExp, object | string | number])[],
): () => string[] {
  const folder = bench.folder();
  const calls = join(folder, 'calls');
  writeFileSync(calls, '');
  const table = answers.map(([pattern, answer]) => [pattern.source, answer]);
  writeFileSync(
    join(folder, program),
    `#!${process.execPath}
const args = process.argv.slice(2);
require('node:fs').appendFileSync(${JSON.stringify(calls)}, JSON.stringify(args) + '\\n');
const [, answer = 1] = ${JSON.stringify(table)}.find(([pattern]) => new RegExp(pattern).test(args.join(' '))) ?? [];
if (typeof answer === 'number') { console.error('error: it went wrong'); process.exit(answer); }
console.log(typeof answer === 'string' ? answer : JSON.stringify(answer));
`,
  );
  chmodSync(join(folder, program), 0o755);
  process.env['PATH'] = `${folder}:${path}`;
  return () =>
    readFileSync(calls, 'utf8')
      .trim()
      .split('\n')
      .filter((line) => line !== '');
}

const probe = { readinessProbe: { httpGet: {} } };
const deployment = (changes: { spec?: object; status?: object } = {}): object => ({
  metadata: { uid: 'u-1', generation: 4 },
  spec: {
    replicas: 3,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
    template: { spec: { containers: [probe] } },
    ...changes.spec,
  },
  status: { observedGeneration: 4, replicas: 3, updatedReplicas: 3, availableReplicas: 3, ...changes.status },
});
const WITHOUT = ['--without-evidence', 'test'];
const kubectl = (
  json: object,
  more: readonly (readonly [RegExp, object | string | number])[] = [],
): (() => string[]) =>
  standIn('kubectl', [
    ...more,
    [/^auth can-i/, 'yes'],
    [/^get /, json],
    [/^rollout restart/, 'restarted'],
    [/^rollout status/, 'rolled out'],
  ]);

describe('a deployment, through the kubectl of the user', () => {
  test('a dry run only asks; with --yes it restarts and waits, with arguments as a list', async () => {
    const calls = kubectl(deployment());
    const target = ['deploy/checkout', 'rolling-restart', '-n', 'shop', '--context', 'east', ...WITHOUT];
    const plan = await mitigate(...target);
    expect(plan).toMatchObject({ state: 'planned', exitCode: 0 });
    expect(plan.steps.map(({ command }) => command?.slice(0, 4))).toEqual([
      ['kubectl', 'rollout', 'restart', 'deployment/checkout'],
      ['kubectl', 'rollout', 'status', 'deployment/checkout'],
    ]);
    expect(calls().some((call) => call.includes('rollout'))).toBe(false);
    const folder = bench.folder();
    const done = await mitigate(...target, '--case', folder, '--yes');
    expect(done).toMatchObject({ state: 'done', exitCode: 0 });
    expect(calls()).toContain(
      JSON.stringify([
        'rollout',
        'restart',
        'deployment/checkout',
        '--namespace',
        'shop',
        '--context',
        'east',
      ]),
    );
    expect(calls().at(-1)).toContain('"rollout","status"');
    expect((await actsOf(folder)).map(({ facts }) => facts!['outcome'] ?? facts!['phase'])).toEqual([
      'intent',
      'done',
    ]);
  });

  test.each([
    ['evidence', deployment(), []],
    ['ready', deployment({ status: { availableReplicas: 2 } }), WITHOUT],
    ['one-at-a-time', deployment({ status: { updatedReplicas: 1 } }), WITHOUT],
    ['one-at-a-time', deployment({ status: { observedGeneration: 3 } }), WITHOUT],
    ['one-at-a-time', deployment({ spec: { paused: true } }), WITHOUT],
    ['whole-service', deployment({ spec: { strategy: { type: 'Recreate' } } }), WITHOUT],
    [
      'single-worker',
      deployment({
        spec: { replicas: 1, strategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } } },
        status: { updatedReplicas: 1, availableReplicas: 1 },
      }),
      WITHOUT,
    ],
    ['ready', deployment({ spec: { template: { spec: { containers: [{}] } } } }), WITHOUT],
  ])('%s refuses', async (gate, json, more) => {
    const calls = kubectl(json);
    const plan = await mitigate('deployment/checkout', 'rolling-restart', ...more, '--yes');
    expect(refusals(plan)).toEqual([gate]);
    expect(plan).toMatchObject({ state: 'refused', exitCode: 4 });
    expect(calls().some((call) => call.includes('rollout'))).toBe(false);
  });

  test('one pod with room for a second beside it is never missing', async () => {
    kubectl(deployment({ spec: { replicas: 1 }, status: { updatedReplicas: 1, availableReplicas: 1 } }));
    expect(refusals(await mitigate('deployment/checkout', 'rolling-restart', ...WITHOUT))).toEqual([]);
  });

  test('without evidence one of its pods is named, which can be captured', async () => {
    const pod = (name: string, state: object): object => ({
      metadata: { name, namespace: 'shop' },
      status: { containerStatuses: [{ state }] },
    });
    const running = { running: { startedAt: '2024-01-21T00:00:00Z' } };
    const items = [pod('checkout-1', { waiting: {} }), pod('checkout-2', running)];
    const selector = {
      matchLabels: { app: 'checkout' },
      matchExpressions: [{ key: 'tier', operator: 'In', values: ['web', 'api'] }],
    };
    kubectl(deployment({ spec: { selector } }), [
      [/^get pods --selector app=checkout,tier in \(web,api\) /, { items }],
    ]);
    const { gates } = await mitigate('deploy/checkout', 'rolling-restart', '-n', 'shop');
    expect(gates.find(({ name }) => name === 'evidence')).toMatchObject({
      state: 'refuse',
      next: expect.stringContaining('stanch capture pod:shop/checkout-2 -o'),
    });
  });

  test('who may not patch it is told so, and one that is not there', async () => {
    kubectl(deployment(), [[/^auth can-i/, 'no']]);
    expect(refusals(await mitigate('deployment/checkout', 'rolling-restart', ...WITHOUT))).toEqual([
      'permission',
    ]);
    kubectl(deployment(), [[/^get /, 1]]);
    const plan = await mitigate('deployment/checkout', 'rolling-restart', ...WITHOUT);
    expect(refusals(plan)).toEqual(['tool']);
    expect(says(plan, 'tool')).toContain('error: it went wrong');
  });

  test('a rollout that does not end is a failure that opens the circuit, and how to take it back is said', async () => {
    kubectl(deployment(), [[/^rollout status/, 1]]);
    const folder = bench.folder();
    const failed = await mitigate(
      'deployment/checkout',
      'rolling-restart',
      ...WITHOUT,
      '--case',
      folder,
      '--yes',
    );
    expect(failed).toMatchObject({ state: 'failed', exitCode: 4 });
    expect(failed.outcomes[0]!.says).toContain('kubectl rollout undo deployment/checkout');
    const again = await mitigate(
      'deployment/checkout',
      'rolling-restart',
      ...WITHOUT,
      '--case',
      folder,
      '--every',
      '1ms',
      '--yes',
    );
    expect(refusals(again)).toEqual(['circuit']);
    const soon = await mitigate(
      'deployment/checkout',
      'rolling-restart',
      ...WITHOUT,
      '--case',
      folder,
      '--close-circuit',
      'a wrong image',
      '--yes',
    );
    expect(refusals(soon)).toEqual(['cool-down']);
  });
});

describe('containers, through the docker of the user', () => {
  const labels = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' };
  const container = (id: string, changes: object = {}): object => ({
    Id: id.repeat(64).slice(0, 64),
    Name: `/web-${id}`,
    State: { Running: true, Pid: 0, StartedAt: '2026-01-01T00:00:00Z', Health: { Status: 'healthy' } },
    Config: { Labels: labels },
    ...changes,
  });
  let calls: () => string[];
  beforeEach(() => {
    const [a, b] = [container('a'), container('b')];
    calls = standIn('docker', [
      [/^inspect .*web-a/, [a]],
      [/^inspect .*a{64}/, [a]],
      [/^inspect .*b{64}/, [b]],
      [/^ps /, `${'a'.repeat(64)}\n${'b'.repeat(64)}`],
      [/^restart /, 'web'],
    ]);
  });

  test('all of a Compose service are taken one after the other, each until it is healthy', async () => {
    const done = await mitigate(
      'web-a',
      'rolling-restart',
      ...WITHOUT,
      '--case',
      bench.folder(),
      '--every',
      '1ms',
      '--timeout',
      '30s',
      '--yes',
    );
    expect(done).toMatchObject({ state: 'done', stopped: null });
    expect(calls().filter((call) => call.includes('"restart"'))).toEqual([
      JSON.stringify(['restart', '--time', '30', 'a'.repeat(12)]),
      JSON.stringify(['restart', '--time', '30', 'b'.repeat(12)]),
    ]);
  });

  test('one that does not come back healthy ends the roll', async () => {
    const sick = container('a', {
      State: { Running: true, StartedAt: '2026-01-01T00:00:00Z', Health: { Status: 'unhealthy' } },
    });
    const [a, b] = [container('a'), container('b')];
    const log = standIn('docker', [
      [/^inspect .*web-a/, [a]],
      [/^inspect .*a{64}/, [sick]],
      [/^inspect .*b{64}/, [b]],
      [/^ps /, `${'a'.repeat(64)}\n${'b'.repeat(64)}`],
      [/^restart /, 'web'],
    ]);
    const done = await mitigate(
      'web-a',
      'rolling-restart',
      ...WITHOUT,
      '--case',
      bench.folder(),
      '--every',
      '1ms',
      '--timeout',
      '1s',
      '--yes',
    );
    expect(done).toMatchObject({
      state: 'failed',
      stopped: expect.stringContaining('1 more was left as it was'),
    });
    expect(log().filter((call) => call.includes('"restart"'))).toHaveLength(1);
  });

  test('refused are one that is alone, one that is sick, one without a health check, and what is not there', async () => {
    const alone = container('c', { Config: { Labels: null } });
    const sick = container('d', {
      State: { Running: true, StartedAt: '2026-01-01T00:00:00Z', Health: { Status: 'unhealthy' } },
    });
    const blind = container('e', { State: { Running: true, StartedAt: '2026-01-01T00:00:00Z' } });
    standIn('docker', [
      [/web-c/, [alone]],
      [/web-d/, [sick]],
      [/web-e/, [blind]],
      [/^inspect .*b{64}/, [container('b')]],
      [/^ps /, 'b'.repeat(64)],
    ]);
    expect(refusals(await mitigate('web-c', 'restart', ...WITHOUT, '--yes'))).toEqual(['single-worker']);
    expect(refusals(await mitigate('web-d', 'restart', ...WITHOUT, '--yes'))).toEqual(['ready']);
    expect(refusals(await mitigate('web-e', 'restart', ...WITHOUT, '--yes'))).toEqual(['ready']);
    expect(refusals(await mitigate('web-x', 'restart', ...WITHOUT, '--yes'))).toEqual(['tool']);
    expect(refusals(await mitigate('web-c', 'restart', '--yes'))).toEqual(['single-worker', 'evidence']);
  });

  test('what is no name of a container never reaches docker', async () => {
    await expect(run(['--help; id', 'restart'])).rejects.toMatchObject({ exitCode: expect.any(Number) });
    await expect(run(['web a', 'restart'])).rejects.toMatchObject({ code: 'usage' });
    expect(calls()).toEqual([]);
  });
});
