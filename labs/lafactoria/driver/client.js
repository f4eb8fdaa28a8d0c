import { Agent, request } from 'node:http';

/** A user's HTTP client: one connection, kept open. */
export class Client {
  #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #url;

  /** @param {string} url of the service */
  constructor(url) {
    this.#url = url;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<{ status: number, json: any }>}
   */
  call(method, path, body) {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    return new Promise((resolve, reject) => {
      const call = request(new URL(path, this.#url), { method, headers, agent: this.#agent }, (response) => {
        let answer = '';
        response.setEncoding('utf8');
        response.on('data', (part) => {
          answer += part;
        });
        response.on('error', reject);
        response.on('end', () => {
          try {
            resolve({ status: response.statusCode, json: JSON.parse(answer) });
          } catch (error) {
            reject(error);
          }
        });
      });
      call.on('error', reject);
      call.end(text);
    });
  }

  close() {
    this.#agent.destroy();
  }
}
