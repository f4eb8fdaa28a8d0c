/**
 * The healthy part of the service: big or busy, but not growing. A diagnosis must not accuse any of it.
 */

/** A static table that is loaded at the start and only read. @param {number} rows */
export function loadFeatureTable(rows) {
  return Array.from({ length: rows }, (_, row) => ({
    feature: `feature-${row}`,
    rollout: { percent: row % 101, cohorts: [`cohort-${row % 997}`, `cohort-${row % 13}`] },
    limits: { boards: 1_000 + row, seats: 50 + (row % 200) },
  }));
}

/** Least recently used thumbnails, never more than `cap`. */
export class ThumbnailCache {
  /** @param {number} cap */
  constructor(cap) {
    this.cap = cap;
    this.thumbnails = new Map();
  }

  /** @param {string} board */
  open(board) {
    const thumbnail = this.thumbnails.get(board) ?? { board, strokes: [`${board}/a`, `${board}/b`] };
    this.thumbnails.delete(board);
    this.thumbnails.set(board, thumbnail);
    if (this.thumbnails.size > this.cap) this.thumbnails.delete(this.thumbnails.keys().next().value);
  }
}

/** A fixed number of buffers that are lent and given back. */
export class BufferPool {
  /** @param {number} buffers */
  constructor(buffers) {
    this.free = Array.from({ length: buffers }, () => Buffer.alloc(16_384));
  }

  /** @param {(buffer: Buffer) => void} use */
  lend(use) {
    const buffer = this.free.pop();
    if (!buffer) throw new Error('the pool is empty');
    use(buffer);
    this.free.push(buffer);
  }
}

/** Notes about live connections that go when the connection goes. */
export class ConnectionNotes {
  constructor() {
    /** @type {WeakMap<object, {note: string}>} */
    this.byConnection = new WeakMap();
  }

  /** @param {import('./connection.mjs').Connection} connection */
  write(connection) {
    this.byConnection.set(connection, { note: `note ${connection.serial}` });
  }
}
