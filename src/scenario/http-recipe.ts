import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { UsageError } from '../base/errors.ts';
import type { Scenario } from './scenario.ts';

/** A request that is made again and again. `{i}` stands for the number of the operation. */
export interface HttpRecipe {
  readonly method: string;
  readonly url: string;
  readonly body: string | null;
  /** From `× 1000` behind it; null when absent. */
  readonly times: number | null;
}

export interface HttpScenarioOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly concurrency: number;
}

const METHODS = 'GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS';
const RECIPE = new RegExp(
  `^(?:(${METHODS})\\s+)?(\\S+)(?:\\s+(?!×|x\\s*\\d)(.+?))?(?:\\s+[×x*]\\s*([\\d_]+))?$`,
  's',
);
const ANSWER_WITHIN_MS = 60_000;

/** True for what can only be a request: a method in front, or an address. */
export function looksLikeRecipe(text: string): boolean {
  return new RegExp(`^(${METHODS})\\s`).test(text) || /^https?:\/\//.test(text);
}

/**
 * Reads `POST http://127.0.0.1:3000/notes {"text":"{i}"} × 1000`; the method (GET), the body and the number may be absent.
 *
 * @param base in front of a path; where the service that is started listens when absent
 * @throws UsageError
 */
export function parseRecipe(text: string, base?: string): HttpRecipe {
  const [, method = 'GET', address, body = null, times] = RECIPE.exec(text.trim()) ?? [];
  const url = address?.startsWith('/') && base !== undefined ? new URL(base).origin + address : address;
  const isAddress = /^(https?:\/\/|\/)/.test(url ?? '');
  if (url === undefined || !isAddress || !URL.canParse(url.replaceAll('{i}', '0'), 'http://service'))
    throw new UsageError(
      `'${text}' is no request`,
      'write it as GET http://127.0.0.1:3000/search?q={i}, or give --url http://127.0.0.1:3000',
    );
  return { method, url, body, times: times === undefined ? null : Number(times.replaceAll('_', '')) };
}

/** A scenario that makes the request; connections are kept from one to the next. An answer of 400 or more ends the run. */
export function httpScenario(
  recipe: HttpRecipe,
  { headers = {}, concurrency }: HttpScenarioOptions,
): Scenario {
  const isTls = recipe.url.startsWith('https:');
  const agent = new (isTls ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: concurrency });
  const request = isTls ? requestHttps : requestHttp;
  const type =
    recipe.body !== null && /^\s*[[{]/.test(recipe.body) ? { 'content-type': 'application/json' } : {};
  return {
    name: 'request',
    async operation(index, { signal, service }) {
      const url = new URL(recipe.url.replaceAll('{i}', String(index)), service?.url);
      const body = recipe.body?.replaceAll('{i}', String(index)) ?? '';
      const status = await new Promise<number>((done, failed) => {
        const length = recipe.body === null ? {} : { 'content-length': Buffer.byteLength(body) };
        const outgoing = request(
          url,
          { method: recipe.method, agent, signal, headers: { ...type, ...length, ...headers } },
          (response: IncomingMessage) => {
            response.on('end', () => done(response.statusCode ?? 0)).on('error', failed);
            response.resume();
          },
        );
        outgoing.setTimeout(ANSWER_WITHIN_MS, () =>
          outgoing.destroy(new Error(`no answer in ${ANSWER_WITHIN_MS / 1000} s`)),
        );
        outgoing.on('error', failed);
        outgoing.end(recipe.body === null ? undefined : body);
      });
      if (status >= 400) throw new Error(`${recipe.method} ${url.href} answered ${status}`);
    },
    teardown: () => agent.destroy(),
  };
}
