/**
 * Writes a heap dump of a chosen size in the format of Ruby 3.1 or 3.3, like those of a service that leaks users into a
 * Hash: `node bench/ruby/generate.mjs <file> <megabytes> [3.1|3.3] [traced]`. The Hash is one line of many megabytes.
 */
import { closeSync, openSync, writeSync } from 'node:fs';

const [file, megabytes = '300', version = '3.3', traced = ''] = process.argv.slice(2);
if (!file) throw new Error('usage: node bench/ruby/generate.mjs <file> <megabytes> [3.1|3.3] [traced]');
const wantedBytes = Number(megabytes) * 1e6;
const hasShapes = version !== '3.1';
const isTraced = traced === 'traced';

const PAGE_BYTES = 65536;
const SLOT_BYTES = hasShapes ? [40, 80, 160, 320] : [40];
const CHUNK_BYTES = 1 << 22;
const OLD = '"flags":{"wb_protected":true, "old":true, "uncollectible":true, "marked":true}}';

const out = openSync(file, 'w', 0o600);
const chunk = Buffer.alloc(CHUNK_BYTES + (1 << 20));
let filled = 0;
let written = 0;

/** @param {string} text */
function write(text) {
  for (let at = 0; at < text.length; at += 1 << 19) {
    filled += chunk.latin1Write(text.slice(at, at + (1 << 19)), filled);
    if (filled >= CHUNK_BYTES) flush();
  }
}

function flush() {
  writeSync(out, chunk, 0, filled);
  written += filled;
  filled = 0;
}

/** Addresses as Ruby gives them: pages of 64 KB, slots of one size each. */
class Heap {
  next = 0x7f3a00000000;
  /** @type {Map<number, {at: number, end: number}>} */
  pages = new Map();

  /** @param {number} bytes */
  take(bytes) {
    const slot = SLOT_BYTES.find((size) => size >= bytes) ?? SLOT_BYTES[SLOT_BYTES.length - 1];
    let page = this.pages.get(slot);
    if (!page || page.at + slot > page.end) {
      page = { at: this.next + 64, end: this.next + PAGE_BYTES };
      this.next += PAGE_BYTES;
      this.pages.set(slot, page);
    }
    const address = page.at;
    page.at += slot;
    return { address: `0x${address.toString(16)}`, slot };
  }
}

const heap = new Heap();
let generation = 10;

/**
 * @param {{address: string, slot: number}} place
 * @param {string} type
 * @param {number} shape
 * @param {string} fields
 * @param {string} site
 * @param {number} memsize
 */
function record({ address, slot }, type, shape, fields, site, memsize) {
  const shaped = hasShapes ? ` "shape_id":${shape}, "slot_size":${slot},` : '';
  const allocated = isTraced && site ? ` ${site}, "generation":${generation},` : '';
  write(
    `{"address":"${address}", "type":"${type}",${shaped} ${fields}${allocated} "memsize":${memsize}, ${OLD}\n`,
  );
}

const classes = Object.fromEntries(
  [
    'Object',
    'String',
    'Hash',
    'Array',
    'Module',
    'Class',
    'User',
    'Preferences',
    'NotificationService',
    'TaskService',
  ].map((name) => [name, heap.take(160)]),
);
const at = Object.fromEntries(Object.entries(classes).map(([name, { address }]) => [name, address]));
const instance = heap.take(80);
const cache = heap.take(160);
const tasks = heap.take(160);
const taskList = heap.take(40);

const roots = Object.values(at).map((address) => `"${address}"`);
write(`{"type":"ROOT", "root":"vm", "references":[${roots.join(', ')}, ${roots.join(', ')}]}\n`);
write(`{"type":"ROOT", "root":"machine_context", "references":["${instance.address}"]}\n`);
if (hasShapes) {
  const shapes = [
    { id: 0, fields: '"depth":1, "shape_type":"ROOT", "edges":4' },
    { id: 1, fields: '"parent_id":0, "depth":2, "shape_type":"IVAR", "edge_name":"@id", "edges":1' },
    { id: 2, fields: '"parent_id":1, "depth":3, "shape_type":"IVAR", "edge_name":"@name", "edges":1' },
    { id: 3, fields: '"parent_id":2, "depth":4, "shape_type":"IVAR", "edge_name":"@preferences", "edges":0' },
    {
      id: 4,
      fields:
        '"parent_id":0, "depth":2, "shape_type":"IVAR", "edge_name":"@user_preferences_cache", "edges":0',
    },
    { id: 5, fields: '"parent_id":0, "depth":2, "shape_type":"IVAR", "edge_name":"@@instance", "edges":0' },
    {
      id: 6,
      fields: '"parent_id":0, "depth":2, "shape_type":"IVAR", "edge_name":"@@default_options", "edges":0',
    },
  ];
  for (const { id, fields } of shapes)
    write(
      `{"address":"0x7f39000000${(id * 40).toString(16).padStart(2, '0')}", "type":"SHAPE", "id":${id}, ${fields}, "memsize":40}\n`,
    );
}

/** @param {string} name @param {string[]} references @param {number} shape */
function classRecord(name, references, shape) {
  const supers = name === 'Object' ? [] : [at.Object];
  const all = [...supers, ...references].map((address) => `"${address}"`).join(', ');
  const fields = `"class":"${at.Class}", "superclass":"${at.Object}", "name":"${name}", "references":[${all}],`;
  record(classes[name], 'CLASS', shape, fields, '', 600);
}

/** @param {string} text @param {boolean} frozen @param {string} site */
function string(text, frozen, site) {
  const place = heap.take(24 + text.length);
  const embedded = hasShapes || text.length < 24;
  const fields =
    `"class":"${at.String}",${frozen ? ' "frozen":true,' : ''}${embedded ? ' "embedded":true,' : ''}` +
    ` "bytesize":${text.length}, "value":"${text}", "encoding":"UTF-8",${hasShapes ? ' "coderange":"7bit",' : ''}`;
  record(place, 'STRING', 0, fields, site, embedded ? place.slot : 40 + text.length + 1);
  return place.address;
}

for (const name of ['Object', 'String', 'Hash', 'Array', 'Module', 'Class', 'User', 'Preferences'])
  classRecord(name, name === 'Object' ? Object.values(at).slice(1) : [], 0);
classRecord('NotificationService', [instance.address], 5);
classRecord('TaskService', [tasks.address], 6);
record(
  instance,
  'OBJECT',
  4,
  `"class":"${at.NotificationService}", "ivars":1, "references":["${cache.address}"],`,
  '',
  80,
);

const entries = [];
const taskNames = [];
for (let user = 0; written + filled < wantedBytes * 0.955; user++) {
  if (user % 5000 === 0) generation++;
  const key = string(
    `user-${user}`,
    true,
    '"file":"app/services/notification_service.rb", "line":14, "method":"notify"',
  );
  const site = '"file":"app/models/user.rb", "line":7, "method":"initialize"';
  const name = string(`User number ${user} with a name`, false, site);
  const channel = string(`mail-${user}`, false, site);
  const zone = string(`Europe/Somewhere-${user % 50}`, false, site);
  const list = heap.take(40);
  record(
    list,
    'ARRAY',
    0,
    `"class":"${at.Array}", "length":2, "embedded":true, "references":["${channel}", "${zone}"],`,
    site,
    40,
  );
  const preferences = heap.take(160);
  record(
    preferences,
    'HASH',
    0,
    `"class":"${at.Hash}", "size":2, "references":["${list.address}", "${zone}"],`,
    site,
    168,
  );
  const object = heap.take(40);
  record(
    object,
    'OBJECT',
    3,
    `"class":"${at.User}", "ivars":3, "references":["${name}", "${preferences.address}"],`,
    site,
    40,
  );
  entries.push(`"${key}", "${object.address}"`);
  if (user % 8 === 0)
    taskNames.push(
      `"${string(`task ${user}`, false, '"file":"app/services/task_service.rb", "line":22, "method":"create"')}"`,
    );
}
record(
  cache,
  'HASH',
  0,
  `"class":"${at.Hash}", "size":${entries.length}, "references":[${entries.join(', ')}],`,
  '',
  160 + entries.length * 40,
);
record(
  taskList,
  'ARRAY',
  0,
  `"class":"${at.Array}", "length":${taskNames.length}, "references":[${taskNames.join(', ')}],`,
  '',
  40 + taskNames.length * 8,
);
record(tasks, 'HASH', 0, `"class":"${at.Hash}", "size":1, "references":["${taskList.address}"],`, '', 168);
flush();
closeSync(out);
process.stdout.write(`${file}: ${(written / 1e6).toFixed(1)} MB, ${entries.length} users\n`);
