import { createServer } from 'node:http';

/**
 * @typedef {object} Reply
 * @property {number} [status] 200 when absent
 * @property {string} [contentType] JSON when absent
 * @property {unknown} body text with a content type, otherwise a value to be written as JSON
 *
 * @typedef {object} Route
 * @property {string} method
 * @property {RegExp} path its named groups are the parameters
 * @property {(params: Record<string, string>) => Reply | Promise<Reply>} handle
 */

/**
 * @param {{ routes: Route[], logger: import('../logging/logger.js').Logger }} options
 */
export function createHttpServer({ routes, logger }) {
  return createServer(async (request, response) => {
    try {
      write(response, await answer(routes, request));
    } catch (error) {
      logger.error('HTTP', `${request.method} ${request.url} failed: ${error.stack}`);
      write(response, { status: 500, body: { error: 'internal-error' } });
    }
  });
}

/**
 * @param {Route[]} routes
 * @param {import('node:http').IncomingMessage} request
 * @returns {Reply | Promise<Reply>}
 */
function answer(routes, request) {
  const [path] = request.url.split('?');
  for (const route of routes) {
    const match = route.method === request.method && route.path.exec(path);
    if (match) return route.handle(match.groups ?? {});
  }
  return { status: 404, body: { error: 'not-found' } };
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {Reply} reply
 */
function write(response, { status = 200, contentType, body }) {
  response.writeHead(status, { 'content-type': contentType ?? 'application/json; charset=utf-8' });
  response.end(contentType ? body : JSON.stringify(body));
}
