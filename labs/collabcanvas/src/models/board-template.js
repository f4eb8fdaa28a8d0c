/**
 * What a new board shows: three lanes of sticky notes, joined by arrows.
 */
const LANES = ['To do', 'In progress', 'Done'];
const NOTES_PER_LANE = 5;
const NOTE_WIDTH = 180;
const NOTE_HEIGHT = 120;

/**
 * @typedef {object} Shape
 * @property {string} id
 * @property {'note' | 'arrow' | 'rectangle' | 'ellipse'} kind
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 * @property {string} text
 * @property {number[]} points corners of the outline, x and y in turn
 */

/**
 * @param {string} boardId
 * @returns {Shape[]} new shapes, shared with no other board
 */
export function createTemplateShapes(boardId) {
  const shapes = [];
  for (const [lane, title] of LANES.entries()) {
    for (let row = 0; row < NOTES_PER_LANE; row++) {
      const x = lane * (NOTE_WIDTH + 40);
      const y = row * (NOTE_HEIGHT + 20);
      shapes.push({
        id: `shape-${shapes.length + 1}`,
        kind: row === 0 ? 'arrow' : 'note',
        x,
        y,
        width: NOTE_WIDTH,
        height: NOTE_HEIGHT,
        text: `${title} ${row + 1} of ${boardId}`,
        points: [x, y, x + NOTE_WIDTH, y, x + NOTE_WIDTH, y + NOTE_HEIGHT, x, y + NOTE_HEIGHT],
      });
    }
  }
  return shapes;
}
