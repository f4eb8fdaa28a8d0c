import { Agent, request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';

/** One device of a tenant. It makes one request at a time, all on the same connection. */
export class VaultClient {
  #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #headers;
  #url;

  /**
   * @param {string} url of the service
   * @param {{ tenant: string, device: string }} identity
   */
  constructor(url, { tenant, device }) {
    this.#url = url;
    this.#headers = { 'x-tenant': tenant, 'x-client': device };
    this.device = device;
  }

  /**
   * @param {'GET' | 'POST' | 'PUT'} method
   * @param {string} path
   * @param {Record<string, string | number>} [query]
   * @param {Buffer | object} [body] an object is sent as JSON
   * @returns {Promise<Record<string, unknown>>} the answer
   */
  async request(method, path, query = {}, body = Buffer.alloc(0)) {
    const payload = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    const response = await new Promise((resolve, reject) => {
      this.#open(method, path, query, { agent: this.#agent, lengthBytes: payload.length })
        .on('response', resolve)
        .on('error', reject)
        .end(payload);
    });
    const answer = await text(response);
    if (response.statusCode !== 200) throw new Error(`${path} answered ${response.statusCode}: ${answer}`);
    return JSON.parse(answer);
  }

  /**
   * Watches for changes on a connection of its own and resolves when the service has begun to watch.
   *
   * @param {(change: { sequence: number, file: string }) => void} [onChange]
   * @returns {Promise<() => void>} ends the connection
   */
  async watch(onChange = () => {}) {
    const request = this.#open('GET', '/v1/sync/watch', { device: this.device }, { agent: false });
    return new Promise((resolve, reject) => {
      let rest = '';
      request.on('error', reject).on('response', (response) => {
        response.setEncoding('utf8').on('error', () => {}); // our own end of the connection
        response.on('data', (chunk) => {
          const lines = (rest + chunk).split('\n');
          rest = lines.pop();
          for (const line of lines.map((each) => JSON.parse(each))) {
            if (line.watching) resolve(() => request.destroy());
            else onChange(line);
          }
        });
      });
      request.end();
    });
  }

  /**
   * Sends the first part of a file and then nothing more.
   *
   * @param {Record<string, string | number>} query
   * @param {{ sentBytes: number, totalBytes: number }} sizes
   * @returns {() => void} ends the connection
   */
  startSlowUpload(query, { sentBytes, totalBytes }) {
    const request = this.#open('POST', '/v1/files', query, { agent: false, lengthBytes: totalBytes });
    request.on('error', () => {}); // our own end of the connection
    request.write(Buffer.alloc(sentBytes));
    return () => request.destroy();
  }

  /** Ends the connection; the next request makes a new one. */
  disconnect() {
    this.#agent.destroy();
  }

  #open(method, path, query, { agent, lengthBytes = 0 }) {
    const target = new URL(`${path}?${new URLSearchParams(query)}`, this.#url);
    const headers = { ...this.#headers, ...(method !== 'GET' && { 'content-length': lengthBytes }) };
    return httpRequest(target, { method, agent, headers });
  }
}
