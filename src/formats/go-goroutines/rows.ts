/** The columns of a dump while it is read; they double as they fill. */
export class GoroutineRows {
  count = 0;
  id: Float64Array = new Float64Array(256);
  header: Uint32Array = new Uint32Array(256);
  node: Uint32Array = new Uint32Array(256);
  creation: Uint32Array = new Uint32Array(256);
  creatorId: Float64Array = new Float64Array(256);
  flags: Uint8Array = new Uint8Array(256);

  push(id: number, header: number, node: number, creation: number, creatorId: number, flags: number): void {
    const row = this.count++;
    if (row === this.id.length) this.grow(row * 2);
    this.id[row] = id;
    this.header[row] = header;
    this.node[row] = node;
    this.creation[row] = creation;
    this.creatorId[row] = creatorId;
    this.flags[row] = flags;
  }

  private grow(length: number): void {
    const { id, header, node, creation, creatorId, flags } = this;
    this.id = new Float64Array(length);
    this.id.set(id);
    this.creatorId = new Float64Array(length);
    this.creatorId.set(creatorId);
    this.header = new Uint32Array(length);
    this.header.set(header);
    this.node = new Uint32Array(length);
    this.node.set(node);
    this.creation = new Uint32Array(length);
    this.creation.set(creation);
    this.flags = new Uint8Array(length);
    this.flags.set(flags);
  }
}
