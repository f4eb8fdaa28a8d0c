import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { EXIT, StanchError } from '../../base/errors.ts';

/** How a monitoring server is talked to. Nothing of it is ever written to a message. */
export interface HttpAccess {
  readonly basic?: { readonly user: string; readonly password: string } | undefined;
  readonly bearer?: string | undefined;
  /** `X-Scope-OrgID` of Mimir, Cortex, Loki. */
  readonly tenant?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** PEM of a certificate authority to trust besides the usual ones. */
  readonly ca?: string | undefined;
  readonly timeoutMs?: number | undefined;
  /** Further tries after a failure that may pass (3). */
  readonly retries?: number | undefined;
  /** Wait before the first further try; doubles each time (250). */
  readonly backoffMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

const TIMEOUT_MS = 60_000;
const MAX_BODY_BYTES = 512 * 1024 * 1024;
const PASSING = new Set([408, 429, 500, 502, 503, 504]);
const MAX_WAIT_MS = 30_000;

/**
 * GET, or POST of a form, tried again with growing waits while the failure may pass (429, 5xx, a broken connection). Redirects are
 * not followed: credentials must not go to another host.
 *
 * @throws StanchError `target-unreachable` (exit code 4)
 */
export async function httpRequest(
  url: URL,
  access: HttpAccess,
  form: URLSearchParams | null = null,
): Promise<HttpAnswer> {
  const tries = (access.retries ?? 3) + 1;
  for (let attempt = 1; ; attempt++) {
    let waitMs = Math.min(MAX_WAIT_MS, (access.backoffMs ?? 250) * 2 ** (attempt - 1));
    try {
      const answer = await once(url, access, form);
      if (!PASSING.has(answer.status) || attempt === tries) return answer;
      const asked = Number(answer.retryAfter) * 1000;
      if (asked > 0) waitMs = Math.min(MAX_WAIT_MS, asked);
    } catch (cause) {
      access.signal?.throwIfAborted();
      if (attempt === tries || cause instanceof StanchError) throw unreachable(url, cause);
    }
    await delay(waitMs, undefined, access.signal ? { signal: access.signal } : {});
  }
}

function once(
  url: URL,
  access: HttpAccess,
  form: URLSearchParams | null,
): Promise<HttpAnswer & { retryAfter: string | undefined }> {
  const body = form?.toString();
  const send = url.protocol === 'https:' ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      {
        method: body === undefined ? 'GET' : 'POST',
        headers: headersOf(url, access, body),
        timeout: access.timeoutMs ?? TIMEOUT_MS,
        ...(access.signal ? { signal: access.signal } : {}),
        ...(access.ca === undefined ? {} : { ca: access.ca }),
      },
      (response) => {
        const packed = response.headers['content-encoding'] === 'gzip';
        const stream = packed ? response.pipe(createGunzip()) : response;
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('error', reject);
        stream.on('error', reject);
        stream.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_BODY_BYTES) request.destroy(new Error('the answer is larger than 512 MB'));
          else chunks.push(chunk);
        });
        stream.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(chunks).toString('utf8'),
            retryAfter: response.headers['retry-after'],
          }),
        );
      },
    );
    request.on('timeout', () =>
      request.destroy(new Error(`no answer for ${(access.timeoutMs ?? TIMEOUT_MS) / 1000} s`)),
    );
    request.on('error', reject);
    request.end(body);
  });
}

function headersOf(url: URL, access: HttpAccess, body: string | undefined): Record<string, string> {
  const headers: Record<string, string> = { 'accept-encoding': 'gzip', ...access.headers };
  if (body !== undefined) {
    headers['content-type'] = 'application/x-www-form-urlencoded';
    headers['content-length'] = String(Buffer.byteLength(body));
  }
  const basic = access.basic ?? credentialsIn(url);
  if (basic)
    headers['authorization'] = `Basic ${Buffer.from(`${basic.user}:${basic.password}`).toString('base64')}`;
  else if (access.bearer !== undefined) headers['authorization'] = `Bearer ${access.bearer}`;
  if (access.tenant !== undefined) headers['x-scope-orgid'] = access.tenant;
  return headers;
}

function credentialsIn(url: URL): { user: string; password: string } | null {
  if (url.username === '') return null;
  return { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
}

/** The address without credentials and without the query. */
export function placeOf(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

function unreachable(url: URL, cause: unknown): StanchError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const hints: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nothing listens there: check host and port',
    ENOTFOUND: 'no such host',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed: give its authority with --ca',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate is of an unknown authority: give it with --ca',
    SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is of an unknown authority: give it with --ca',
  };
  const hint = hints[code ?? ''];
  return new StanchError(`${placeOf(url)}: ${message}`, {
    code: 'target-unreachable',
    exitCode: EXIT.unreachable,
    ...(hint === undefined ? {} : { hint }),
    cause,
  });
}
