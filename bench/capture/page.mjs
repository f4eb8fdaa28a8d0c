const ROWS = 300;

/** A row of the page with a listener whose closure sees the row's state. */
class BoardRow {
  /** @param {number} serial */
  constructor(serial) {
    const state = { serial, title: `Board ${serial}`, opened: 0 };
    this.element = document.createElement('section');
    this.element.className = `board board-${serial}`;
    this.element.append(document.createElement('h2'), document.createElement('p'));
    this.element.addEventListener('click', () => {
      state.opened += 1;
    });
  }
}

const main = document.querySelector('main');
const rows = Array.from({ length: ROWS }, (_, serial) => new BoardRow(serial));
const notes = new WeakMap(rows.map((row) => [row.element, ['note', row.element.className].join('\n')]));
const byName = new Map(rows.map((row, serial) => [`row-${serial}`, row]));
const seen = new WeakSet(rows);
main?.append(...rows.map((row) => row.element));

// A third of the rows leave the document and stay in `rows`: detached trees held by script.
for (const row of rows) if (Number(row.element.className.split('-')[1]) % 3 === 0) row.element.remove();

// Text of the document and of the network stays outside V8's heap; script sees it through external strings.
const external = [main?.innerHTML, await (await fetch('page.mjs')).text()];

globalThis.app = {
  external,
  rows,
  notes,
  byName,
  seen,
  pattern: /board-(\d+)/u,
  bytes: new Uint8Array(65_536),
};
globalThis.ready = true;
