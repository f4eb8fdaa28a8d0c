import { createRandom } from '../../driving/random.js';

const SUBJECTS = ['fractions', 'photosynthesis', 'the water cycle', 'roman law', 'verbs', 'volcanoes'];

/** Exports and histories are asked for by every fourth visitor: they cost a file and a connection each. */
const RARE_EVERY = 4;

/** A teacher who logs in, asks for content, and logs out. No two visits have the same user or topic. */
export class Visitor {
  #visits = 0;
  #number;
  #random;
  #seed;
  #counts;

  /**
   * @param {number} number tells the clients apart
   * @param {number} seed
   * @param {import('./counts.js').Counts} counts
   */
  constructor(number, seed, counts) {
    this.#number = number;
    this.#seed = seed;
    this.#random = createRandom(seed + Math.imul(number, 0x9e3779b1));
    this.#counts = counts;
  }

  /** @param {import('./client.js').Client} client */
  async visit(client) {
    const counts = this.#counts;
    const visit = this.#visits++;
    const user = `teacher-${this.#seed}-${this.#number}-${visit}`;
    const topic = `${SUBJECTS[this.#random(SUBJECTS.length)]} ${this.#seed} ${this.#number} ${visit}`;
    const query = `topic=${encodeURIComponent(topic)}`;
    const { session } = await this.#expect(201, client.call('POST', '/api/sessions', { user }));
    await this.#expect(201, client.call('POST', '/api/content', { user, topic }));
    await this.#expect(404, client.call('GET', `/api/content?${query}`));
    await this.#expect(200, client.call('GET', `/api/score?${query}`));
    counts.notFound++;
    counts.scores++;
    counts.contents++;
    if (visit % RARE_EVERY === 0) {
      await this.#expect(201, client.call('POST', '/api/exports', { user, topic }));
      await this.#expect(200, client.call('GET', `/api/history?user=${user}`));
      counts.exports++;
      counts.histories++;
    }
    await this.#expect(200, client.call('DELETE', '/api/sessions', { session }));
    counts.visits++;
  }

  async #expect(status, call) {
    const answer = await call;
    if (answer.status !== status) {
      throw new Error(`The service answers ${answer.status}: ${JSON.stringify(answer.json)}`);
    }
    return answer.json;
  }
}
