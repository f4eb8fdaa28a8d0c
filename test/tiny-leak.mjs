// Usage: node test/tiny-leak.mjs <folder>
// A very small leaking service; writes A, B and C.heapsnapshot into the folder, with 500 sessions more each time.
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { writeHeapSnapshot } from 'node:v8';

class Session {
  constructor(user) {
    this.user = user;
    this.cart = Array.from({ length: 8 }, (_, index) => ({ item: index, user }));
  }
}

class SessionStore {
  sessions = new Map();

  open(user, bus) {
    const session = new Session(user);
    this.sessions.set(user, session); // the leak: nothing ever removes it
    bus.once('opened', () => session.cart.length);
    bus.emit('opened');
  }
}

const bus = new EventEmitter();
const store = new SessionStore();
let users = 0;
const serve = (count) => {
  for (let turn = 0; turn < count; turn++) store.open(`user-${users++}`, bus);
};

serve(500); // warm-up
for (const moment of ['A', 'B', 'C']) {
  serve(500);
  writeHeapSnapshot(join(process.argv[2] ?? '.', `${moment}.heapsnapshot`));
}
