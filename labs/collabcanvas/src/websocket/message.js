const BOARD_ID = /^[\w-]{1,64}$/;
const SHAPE_KINDS = ['note', 'arrow', 'rectangle', 'ellipse'];
const MAX_SELECTED = 100;
const MAX_TEXT_LENGTH = 2_000;
const MAX_POINTS = 200;

/** The messages a client may send, each with the test that its payload must pass. */
const PAYLOAD_CHECKS = new Map([
  ['join-board', ({ boardId }) => typeof boardId === 'string' && BOARD_ID.test(boardId)],
  ['leave-board', () => true],
  ['heartbeat', () => true],
  ['time-sync', () => true],
  ['cursor-move', ({ x, y }) => Number.isFinite(x) && Number.isFinite(y)],
  ['selection-change', ({ shapeIds }) => isArrayOf(shapeIds, 'string', MAX_SELECTED)],
  ['shape-add', isShape],
]);

/**
 * @typedef {object} ClientMessage
 * @property {string} type
 * @property {number} [id] the client wants an acknowledgement with this number
 * @property {Record<string, unknown>} payload
 */

/**
 * @param {import('ws').RawData} data
 * @returns {ClientMessage | null} null when the message cannot be understood
 */
export function parseMessage(data) {
  let message;
  try {
    message = JSON.parse(data.toString());
  } catch {
    return null;
  }
  const { type, id, payload = {} } = message ?? {};
  if (typeof payload !== 'object' || payload === null) return null;
  return PAYLOAD_CHECKS.get(type)?.(payload) ? { type, id, payload } : null;
}

function isShape({ kind, x, y, width, height, text, points }) {
  return (
    SHAPE_KINDS.includes(kind) &&
    [x, y, width, height].every(Number.isFinite) &&
    typeof text === 'string' &&
    text.length <= MAX_TEXT_LENGTH &&
    isArrayOf(points, 'number', MAX_POINTS)
  );
}

function isArrayOf(value, type, maxLength) {
  return Array.isArray(value) && value.length <= maxLength && value.every((item) => typeof item === type);
}
