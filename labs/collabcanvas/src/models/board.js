import { createTemplateShapes } from './board-template.js';

const MAX_SHAPES = 500;

/**
 * A board in use: its shapes, and where its members point and what they have selected.
 *
 * @typedef {{ x: number, y: number }} Position
 * @typedef {import('../websocket/socket.js').Socket} Socket
 */
export class Board {
  /** @type {Map<string, import('./board-template.js').Shape>} by shape id */
  shapes = new Map();
  /** @type {Map<string, Socket>} by socket id */
  members = new Map();
  /** @type {Map<string, Position>} by user id */
  cursors = new Map();
  /** @type {Map<string, string[]>} shape ids by user id */
  selections = new Map();

  /** @param {string} id */
  constructor(id) {
    this.id = id;
    this.title = `Board ${id}`;
    for (const shape of createTemplateShapes(id)) this.shapes.set(shape.id, shape);
  }

  /** @param {Socket} socket */
  addMember(socket) {
    this.members.set(socket.id, socket);
  }

  /** @param {Socket} socket */
  removeMember(socket) {
    this.members.delete(socket.id);
    this.cursors.delete(socket.user.id);
    this.selections.delete(socket.user.id);
  }

  /**
   * @param {Omit<import('./board-template.js').Shape, 'id'>} shape
   * @returns {string | null} the id of the new shape, or null when the board is full
   */
  addShape(shape) {
    if (this.shapes.size >= MAX_SHAPES) return null;
    const id = `shape-${this.shapes.size + 1}`;
    this.shapes.set(id, { id, ...shape });
    return id;
  }

  /**
   * Sends a message to the members other than the user it is about.
   *
   * @param {string} type
   * @param {{ userId: string }} payload
   */
  broadcast(type, payload) {
    for (const member of this.members.values()) {
      if (member.user.id !== payload.userId) member.send(type, payload);
    }
  }

  toJSON() {
    return {
      id: this.id,
      title: this.title,
      shapes: [...this.shapes.values()],
      cursors: Object.fromEntries(this.cursors),
      selections: Object.fromEntries(this.selections),
    };
  }
}
