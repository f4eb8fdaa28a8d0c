import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { engineAddress } from './engine-address.ts';

const root = mkdtempSync(join(tmpdir(), 'stanch-engine-address-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let config = '';
let configs = 0;
beforeEach(() => {
  config = join(root, String(++configs));
  mkdirSync(config);
});

function context(name: string, Host: string, pem: Record<string, string> = {}): void {
  const id = createHash('sha256').update(name).digest('hex');
  mkdirSync(join(config, 'contexts', 'meta', id), { recursive: true });
  const meta = { Name: name, Metadata: {}, Endpoints: { docker: { Host, SkipTLSVerify: false } } };
  writeFileSync(join(config, 'contexts', 'meta', id, 'meta.json'), JSON.stringify(meta));
  for (const [file, text] of Object.entries(pem)) {
    mkdirSync(join(config, 'contexts', 'tls', id, 'docker'), { recursive: true });
    writeFileSync(join(config, 'contexts', 'tls', id, 'docker', file), text);
  }
}

describe('the container engine', () => {
  test.each([
    ['unix:///run/x.sock', { socketPath: '/run/x.sock' }],
    ['tcp://10.0.0.1:2375', { host: '10.0.0.1', port: 2375, keys: null }],
    ['tcp://10.0.0.1', { host: '10.0.0.1', port: 2375, keys: null }],
    ['tcp://[::1]:4000', { host: '::1', port: 4000, keys: null }],
  ])('is found by DOCKER_HOST=%s', (DOCKER_HOST, address) => {
    expect(engineAddress({ DOCKER_HOST, DOCKER_CONFIG: config })).toEqual(address);
  });

  test('shows its keys where DOCKER_TLS_VERIFY says so', () => {
    writeFileSync(join(config, 'ca.pem'), 'the ca');
    expect(
      engineAddress({
        DOCKER_HOST: 'tcp://engine',
        DOCKER_TLS_VERIFY: '1',
        DOCKER_CERT_PATH: config,
        DOCKER_CONFIG: root,
      }),
    ).toEqual({
      host: 'engine',
      port: 2376,
      keys: { ca: 'the ca', cert: null, key: null, verify: true },
    });
  });

  test('is that of the context in use, and DOCKER_CONTEXT and DOCKER_HOST go before it', () => {
    context('colima', 'unix:///home/me/.colima/default/docker.sock');
    context('lab', 'tcp://lab:2376', { 'ca.pem': 'ca', 'cert.pem': 'cert', 'key.pem': 'key' });
    writeFileSync(join(config, 'config.json'), JSON.stringify({ currentContext: 'colima' }));
    expect(engineAddress({ DOCKER_CONFIG: config })).toEqual({
      socketPath: '/home/me/.colima/default/docker.sock',
    });
    expect(engineAddress({ DOCKER_CONFIG: config, DOCKER_CONTEXT: 'lab' })).toEqual({
      host: 'lab',
      port: 2376,
      keys: { ca: 'ca', cert: 'cert', key: 'key', verify: true },
    });
    expect(
      engineAddress({ DOCKER_CONFIG: config, DOCKER_CONTEXT: 'lab', DOCKER_HOST: 'unix:///y.sock' }),
    ).toEqual({ socketPath: '/y.sock' });
  });

  test('that cannot be spoken to is said so, with a way', () => {
    const asked = (env: NodeJS.ProcessEnv) => () => engineAddress({ DOCKER_CONFIG: config, ...env });
    expect(asked({ DOCKER_HOST: 'ssh://me@host' })).toThrow(
      'DOCKER_HOST=ssh://me@host: only unix:// and tcp://',
    );
    expect(asked({ DOCKER_HOST: 'tcp://' })).toThrow('only unix:// and tcp://');
    expect(asked({ DOCKER_CONTEXT: 'gone' })).toThrow("context 'gone' is in use and cannot be read");
  });
});
