import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * Sends each request over a connection of its own: a connection that stays open stays with one worker, and then it is
 * chance whether the others get anything to do.
 */
export class HttpClient {
  #agent;
  #url;

  /**
   * @param {string} url
   * @param {number} connections
   */
  constructor(url, connections) {
    this.#url = url;
    this.#agent = new Agent({ keepAlive: false, maxSockets: connections });
  }

  /**
   * @param {{ path: string, body?: object }} operation
   * @returns {Promise<{ workerPid: number, body: any }>}
   * @throws Error when the service refuses
   */
  send({ path, body }) {
    const payload = body && JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const outgoing = request(
        new URL(path, this.#url),
        {
          agent: this.#agent,
          method: payload ? 'POST' : 'GET',
          headers: payload
            ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }
            : {},
        },
        async (response) => {
          try {
            const answer = await text(response);
            if (response.statusCode >= 400) {
              throw new Error(`The service answered ${response.statusCode} to ${path}: ${answer}`);
            }
            resolve({ workerPid: Number(response.headers['x-worker-pid']), body: JSON.parse(answer) });
          } catch (error) {
            reject(error);
          }
        },
      );
      outgoing.on('error', reject);
      outgoing.end(payload);
    });
  }

  close() {
    this.#agent.destroy();
  }
}
