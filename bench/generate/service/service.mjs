import { EventEmitter } from 'node:events';
import { auditedJoins, recordJoin } from './audit-log.mjs';
import { Connection } from './connection.mjs';
import { BufferPool, ConnectionNotes, loadFeatureTable, ThumbnailCache } from './healthy.mjs';
import { PreferenceStore } from './preferences.mjs';
import { PresenceService } from './presence.mjs';
import { RenderCache } from './render-cache.mjs';
import { RpcClient, searchBoard } from './rpc.mjs';
import { pollTyping, typingIndicators } from './typing.mjs';

const BOARDS = 500;
const THUMBNAILS = 300;
const POOLED_BUFFERS = 32;
const JOINS_PER_UNANSWERED_SEARCH = 4;
const JOINS_PER_TYPING_POLL = 50;

/** A collaboration service that loses memory in every way that the diagnosis must find. */
export class CollaborationService {
  /** @param {import('../sizes.mjs').SetSize} size */
  constructor(size) {
    this.size = size;
    this.joins = 0;
    this.bus = new EventEmitter();
    this.bus.setMaxListeners(0);
    this.presence = new PresenceService(this.bus);
    this.preferences = new PreferenceStore();
    this.rpc = new RpcClient();
    this.renderCache = new RenderCache();
    this.features = loadFeatureTable(size.tableRows);
    this.thumbnails = new ThumbnailCache(THUMBNAILS);
    this.buffers = new BufferPool(POOLED_BUFFERS);
    this.notes = new ConnectionNotes();
    /** @type {Map<string, Connection>} */
    this.connections = new Map();
    for (let board = 0; board < BOARDS; board += 1) this.thumbnails.open(`board-${board}`);
  }

  /** One user joins; the user who has been there longest leaves when the house is full. */
  join() {
    this.joins += 1;
    const serial = this.joins;
    const board = `board-${serial % BOARDS}`;
    const user = { id: `user-${String(serial).padStart(7, '0')}`, name: `User ${serial}`, serial };
    const connection = new Connection(serial, board);
    this.connections.set(user.id, connection);
    this.presence.trackUser(connection, user);
    this.preferences.load(user);
    this.thumbnails.open(board);
    this.notes.write(connection);
    this.buffers.lend((buffer) => buffer.writeUInt32LE(serial));
    recordJoin({ serial, board, user: user.id });
    this.search(serial, { board, user: user.id });
    if (serial % JOINS_PER_TYPING_POLL === 0) pollTyping(connection);
    for (let page = 0; page < this.size.pagesPerSession; page += 1) {
      this.renderCache.render(`/boards/${serial}/${page}`, serial);
    }
    if (this.connections.size > this.size.liveSessions) this.leave(this.connections.keys().next().value);
  }

  /** @param {number} serial @param {{board: string, user: string}} query */
  search(serial, query) {
    void searchBoard(this.rpc, query);
    if (serial % JOINS_PER_UNANSWERED_SEARCH !== 0) this.rpc.answerNewest({ hits: 1 });
  }

  /** @param {string} id */
  leave(id) {
    this.connections.delete(id);
    this.presence.untrackUser({ id });
  }

  /** How many objects each planted leak holds now, by the id of the leak. */
  leakedCounts() {
    return {
      L1: this.bus.listenerCount('heartbeat'),
      L2: this.preferences.byUser.size,
      L3: auditedJoins(),
      L4: this.rpc.waiting.size,
      L5: typingIndicators(),
      L6: this.renderCache.pages.size,
    };
  }
}
