import { createRandom } from '../../driving/random.js';

/** As in `db/seeds.sql`. */
const USERS = 50_000;
const PROJECTS = 40;

/** The lowest user ids come back again and again; all others are told something once in a long while. */
const REGULARS = 200;
const NEW_RECIPIENTS = 18;
const REGULAR_RECIPIENTS = 2;

const VERBS = ['Fix', 'Review', 'Write', 'Measure', 'Plan', 'Release'];
const THINGS = ['login', 'billing', 'search', 'export', 'calendar', 'upload', 'report'];
const PRIORITIES = ['low', 'normal', 'high', 'urgent'];
const EVENTS = ['mention', 'task_commented', 'task_completed', 'project_announcement'];
const WHAT_WAS_TRIED = 'It was tried with another browser, another account and after a new login. '.repeat(8);
const LABELS = ['backend', 'frontend', 'customer', 'urgent-fix'];

/**
 * @typedef {object} Operation
 * @property {'notifications' | 'tasks' | 'searches'} kind
 * @property {string} path
 * @property {object} [body] absent for a GET
 */

/**
 * What the n-th request of a run is. It follows from the seed and the number alone, whoever sends it and when.
 *
 * @param {number} number from 0
 * @param {number} seed
 * @returns {Operation}
 */
export function operationAt(number, seed) {
  const random = createRandom(seed + Math.imul(number, 0x9e3779b1));
  const pick = (list) => list[random(list.length)];
  const regular = () => 1 + random(REGULARS);
  const userId = regular();
  const words = `${pick(VERBS)} ${pick(THINGS)}`;
  const lot = random(100);

  if (lot < 25) {
    const firstNew = (Math.imul(seed, 7_919) >>> 0) + number * NEW_RECIPIENTS;
    const newcomers = Array.from(
      { length: NEW_RECIPIENTS },
      (_, at) => 1 + REGULARS + ((firstNew + at) % (USERS - REGULARS)),
    );
    const regulars = Array.from({ length: REGULAR_RECIPIENTS }, regular);
    const body = {
      user_id: userId,
      event: pick(EVENTS),
      subject: `${words}: see what is new`,
      recipient_ids: [...newcomers, ...regulars],
    };
    return { kind: 'notifications', path: '/notifications', body };
  }
  if (lot < 78) {
    const body = {
      user_id: userId,
      project_id: 1 + random(PROJECTS),
      assignee_id: regular(),
      title: `${words} for case ${number}`,
      description: `Case ${number} asks to ${words.toLowerCase()}. ${WHAT_WAS_TRIED}`,
      labels: [pick(LABELS), pick(LABELS)],
      priority: pick(PRIORITIES),
    };
    return { kind: 'tasks', path: '/tasks', body };
  }
  const query = new URLSearchParams({ user_id: userId, q: words });
  if (random(4) === 0) query.set('status', 'open');
  return { kind: 'searches', path: `/search?${query}` };
}
