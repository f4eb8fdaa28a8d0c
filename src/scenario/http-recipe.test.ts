import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { driverOf } from './drive.ts';
import { httpScenario, looksLikeRecipe, parseRecipe } from './http-recipe.ts';

test('a recipe is a method, an address, perhaps a body, perhaps a number', () => {
  expect(parseRecipe('GET http://127.0.0.1:3000/search?q={i} × 1_000')).toEqual({
    method: 'GET',
    url: 'http://127.0.0.1:3000/search?q={i}',
    body: null,
    times: 1000,
  });
  expect(parseRecipe('POST http://a/notes {"text": "note {i}"} x 50')).toEqual({
    method: 'POST',
    url: 'http://a/notes',
    body: '{"text": "note {i}"}',
    times: 50,
  });
  expect(parseRecipe('https://a.example/')).toMatchObject({ method: 'GET', times: null });
  expect(parseRecipe('GET /search?q={i}', 'http://127.0.0.1:1/x').url).toBe(
    'http://127.0.0.1:1/search?q={i}',
  );
  expect(parseRecipe('DELETE /notes/{i}')).toMatchObject({ method: 'DELETE', url: '/notes/{i}' });
  expect(() => parseRecipe('GET tea')).toThrow(/is no request/);
});

test('what is no recipe is a file', () => {
  expect(looksLikeRecipe('GET /x')).toBe(true);
  expect(looksLikeRecipe('http://127.0.0.1/')).toBe(true);
  expect(looksLikeRecipe('scenarios/get.js')).toBe(false);
});

test('every request is made once, with its number and header, so many at the same time', async () => {
  const seen: string[] = [];
  let atOnce = 0;
  let most = 0;
  const server = createServer((request, response) => {
    most = Math.max(most, ++atOnce);
    let body = '';
    request
      .on('data', (chunk: Buffer) => {
        body += chunk.toString();
      })
      .on('end', () => {
        seen.push(`${request.method} ${request.url} ${body} ${request.headers['x-a']}`);
        setImmediate(() => {
          atOnce--;
          response.statusCode = request.url === '/n/11' ? 500 : 200;
          response.end('ok');
        });
      });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const scenario = httpScenario(parseRecipe('PUT /n/{i} {"n":{i}}', url), {
    concurrency: 3,
    headers: { 'x-a': 'b' },
  });
  const context = { service: null, signal: new AbortController().signal, concurrency: 3 };
  const drive = driverOf(scenario, context);
  expect(await drive(5)).toEqual({ request: 5 });
  await drive(5);
  expect(new Set(seen)).toEqual(new Set(Array.from({ length: 10 }, (_, n) => `PUT /n/${n} {"n":${n}} b`)));
  expect(most).toBeLessThanOrEqual(3);
  await expect(drive(5)).rejects.toThrow(/answered 500/);
  await scenario.teardown?.(context);
  server.close();
});
