import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { PrometheusClient } from './client.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly form: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

/** A server with a sample each 15 s for ever, that keeps to the limits of the real ones. */
async function serve(
  answer: (asked: Asked, response: ServerResponse) => void,
): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const url = new URL(request.url!, 'http://localhost');
      const each = {
        method: request.method!,
        path: url.pathname,
        form: request.method === 'POST' ? new URLSearchParams(body) : url.searchParams,
        headers: request.headers,
      };
      asked.push(each);
      answer(each, response);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const METRIC = { __name__: 'process_resident_memory_bytes', instance: 'a:1' };

function range(
  asked: Asked,
  response: ServerResponse,
  maxPoints: number,
  message: string,
  status: number,
): void {
  const { form } = asked;
  const [start, end, step] = ['start', 'end', 'step'].map((key) => Number(form.get(key))) as [
    number,
    number,
    number,
  ];
  const count = Math.floor((end - start) / step) + 1;
  if (count > maxPoints) {
    json(response, status, { status: 'error', errorType: 'bad_data', error: message });
    return;
  }
  const values = Array.from({ length: count }, (_, at) => [start + at * step, String(start + at * step)]);
  json(response, 200, {
    status: 'success',
    data: { resultType: 'matrix', result: [{ metric: METRIC, values }] },
  });
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
  response.end(gzipSync(JSON.stringify(value)));
}

const PROMETHEUS_SAYS =
  'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)';

test('a range longer than 11,000 points comes whole, each point once', async () => {
  const { url, asked } = await serve((each, response) => range(each, response, 11_001, PROMETHEUS_SAYS, 400));
  const [series] = await new PrometheusClient({ url }).queryRange('m', 0, 30_000 * 15_000, 15_000);
  expect(series!.times).toHaveLength(30_001);
  expect(series!.values[30_000]).toBe(450_000);
  expect(series).toMatchObject({ name: METRIC.__name__, labels: { instance: 'a:1' }, unit: 'bytes' });
  expect(asked).toHaveLength(3);
  expect(asked[0]!.method).toBe('POST');
});

test('a server with smaller limits is asked for halves', async () => {
  const { url } = await serve((each, response) =>
    range(each, response, 1000, 'too many points for the given step: maxPointsPerTimeseries=1000', 422),
  );
  const [series] = await new PrometheusClient({ url }).queryRange('m', 0, 4999 * 1000, 1000);
  expect(series!.times).toHaveLength(5000);
});

test('raw samples are asked for with a range vector, in halves when they are too many', async () => {
  const { url, asked } = await serve((each, response) => {
    const seconds = Number(/\[(\d+)s\]/.exec(each.form.get('query')!)![1]);
    const end = Number(each.form.get('time'));
    if (seconds > 50_000) {
      return json(response, 422, {
        status: 'error',
        error: 'query processing would load too many samples into memory',
      });
    }
    const values: [number, string][] = [];
    for (let time = Math.ceil((end - seconds) / 15) * 15; time <= end; time += 15) values.push([time, '1']);
    json(response, 200, {
      status: 'success',
      data: { resultType: 'matrix', result: [{ metric: METRIC, values }] },
    });
  });
  const [series] = await new PrometheusClient({ url }).rawSamples('m', 0, 86_400_000);
  expect(series!.times).toHaveLength(86_400 / 15 + 1);
  expect(asked.at(-1)!.form.get('query')).toMatch(/^m\[\d+s\]$/);
});

test('credentials and tenant go along, and never into a message', async () => {
  const { url, asked } = await serve((_, response) => json(response, 403, { status: 'error', error: 'no' }));
  const secret = new PrometheusClient({ url, basic: { user: 'u', password: 'secret-1' }, tenant: 'team-a' });
  const failure = await secret.query('up', 0).catch((error: Error) => error);
  expect(failure).toMatchObject({ code: 'query-refused', exitCode: 4 });
  expect(String(failure)).not.toContain('secret-1');
  expect(asked[0]!.headers.authorization).toBe(`Basic ${Buffer.from('u:secret-1').toString('base64')}`);
  expect(asked[0]!.headers['x-scope-orgid']).toBe('team-a');
  await new PrometheusClient({ url, bearer: 'token-2' }).query('up', 0).catch(() => undefined);
  expect(asked[1]!.headers.authorization).toBe('Bearer token-2');
});

test('a failure that passes is tried again, one that does not is not', async () => {
  let failures = 2;
  const { url, asked } = await serve((_, response) => {
    if (failures-- > 0) json(response, 503, { status: 'error', error: 'busy' });
    else
      json(response, 200, {
        status: 'success',
        data: { resultType: 'vector', result: [{ metric: METRIC, value: [5, '7'] }] },
      });
  });
  const client = new PrometheusClient({ url, backoffMs: 1 });
  const [series] = await client.query('m', 5000);
  expect([...series!.times, ...series!.values]).toEqual([5000, 7]);
  expect(asked).toHaveLength(3);
  failures = 100;
  await expect(client.query('m', 0)).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringContaining('busy'),
  });
});

test('a proxy that refuses POST gets GET', async () => {
  const { url, asked } = await serve((each, response) => {
    if (each.method === 'POST') json(response, 405, {});
    else
      json(response, 200, {
        status: 'success',
        data: { resultType: 'vector', result: [{ metric: METRIC, value: [1, '2'] }] },
      });
  });
  const [series] = await new PrometheusClient({ url: `${url}/prometheus/` }).query('m', 1000);
  expect(series!.values[0]).toBe(2);
  expect(asked[1]).toMatchObject({ method: 'GET', path: '/prometheus/api/v1/query' });
  expect(asked[1]!.form.get('query')).toBe('m');
});

test('nobody there is said with exit code 4', async () => {
  const { url } = await serve(() => undefined);
  await new Promise((resolve) => servers.pop()!.close(resolve));
  const client = new PrometheusClient({ url, retries: 0 });
  await expect(client.query('m', 0)).rejects.toMatchObject({ code: 'target-unreachable', exitCode: 4 });
});

test('an answer that is no JSON is an error with what was said', async () => {
  const { url } = await serve((_, response) => response.writeHead(200).end('<html>login</html>'));
  await expect(new PrometheusClient({ url }).query('m', 0)).rejects.toThrow(/<html>login/);
});
