const CELLS = 14;

/** Rendered board pages by address. Nothing is ever evicted. */
export class RenderCache {
  constructor() {
    this.pages = new Map();
  }

  /** @param {string} address @param {number} serial */
  render(address, serial) {
    const cells = [];
    for (let cell = 0; cell < CELLS; cell += 1) {
      cells.push(`  <td class="cell" data-cell="${serial}-${cell}"><b>${address}</b> &lt; ${cell}</td>`);
    }
    // join() makes one flat string; adding them up would leave a rope.
    this.pages.set(address, ['<table class="größe">', ...cells, '</table>'].join('\n'));
  }
}
