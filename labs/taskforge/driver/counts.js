/**
 * What the service has done; it has answered all of it.
 *
 * @typedef {object} Counts
 * @property {number} requests
 * @property {number} searches
 * @property {number} tasks created; each tells its assignee
 * @property {number} notifications users told, each time anew
 * @property {number} usersNotified different users whose preferences were needed, told or not
 */

/** Counts for all workers together and for each of them. */
export class CountsByWorker {
  #workers = new Map();

  /**
   * @param {number} pid of the worker that answered
   * @param {{ kind: 'notifications' | 'tasks' | 'searches', told: number, users: number[] }} done
   */
  add(pid, { kind, told, users }) {
    const worker = this.#workers.get(pid) ?? emptyCounts();
    this.#workers.set(pid, worker);
    worker.requests++;
    if (kind !== 'notifications') worker[kind]++;
    worker.notifications += told;
    for (const user of users) worker.users.add(user);
  }

  /** @returns {Counts & { byWorker: Record<string, Counts> }} users of two workers count once in the sum */
  read() {
    const total = emptyCounts();
    const byWorker = {};
    for (const [pid, worker] of [...this.#workers].sort(([a], [b]) => a - b)) {
      for (const kind of ['requests', 'searches', 'tasks', 'notifications']) total[kind] += worker[kind];
      for (const user of worker.users) total.users.add(user);
      byWorker[pid] = plain(worker);
    }
    return { ...plain(total), byWorker };
  }
}

const emptyCounts = () => ({ requests: 0, searches: 0, tasks: 0, notifications: 0, users: new Set() });

/** @returns {Counts} */
function plain({ users, ...counts }) {
  return { ...counts, usersNotified: users.size };
}
