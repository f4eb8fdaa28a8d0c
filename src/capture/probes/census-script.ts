/**
 * What is counted within the process, as the source of a function whose `this` is the array of all objects. It calls no code of the
 * service: own properties are read by their descriptors (a getter has no `value`), sizes by the language's own getters. No value of
 * the service leaves it, only names of classes, events and functions, and numbers.
 */
export const CENSUS_FUNCTION: string = `function (mostRows, mostCollections) {
  const own = Object.getOwnPropertyDescriptor, prototypeOf = Object.getPrototypeOf;
  const getter = (prototype, name) => { const get = own(prototype, name)?.get; return get ? (object) => { try { return get.call(object); } catch { return 0; } } : () => 0; };
  const mapSize = getter(Map.prototype, 'size'), setSize = getter(Set.prototype, 'size');
  const bufferBytes = getter(ArrayBuffer.prototype, 'byteLength'), sharedBytes = typeof SharedArrayBuffer === 'function' ? getter(SharedArrayBuffer.prototype, 'byteLength') : () => 0;
  const nameOf = (prototype) => { if (prototype === null) return '(null prototype)'; const maker = own(prototype, 'constructor')?.value; const name = typeof maker === 'function' ? own(maker, 'name')?.value : undefined; return typeof name === 'string' && name !== '' ? name : '(anonymous class)'; };
  const isBelow = (prototype, above) => { for (let each = prototype; each !== null; each = prototypeOf(each)) if (each === above) return true; return false; };
  const hasMethods = (prototype, names) => names.every((name) => { for (let each = prototype; each !== null; each = prototypeOf(each)) { const found = own(each, name); if (found) return typeof found.value === 'function'; } return false; });
  const kindOf = (value) => value === null ? 'null' : typeof value === 'object' ? nameOf(prototypeOf(value)) : typeof value === 'function' ? 'function' : typeof value;
  const classes = new Map();
  const infoOf = (prototype) => {
    let info = classes.get(prototype);
    if (info) return info;
    const kind = prototype === null ? 'other' : isBelow(prototype, Map.prototype) ? 'Map' : isBelow(prototype, Set.prototype) ? 'Set' : isBelow(prototype, Array.prototype) ? 'Array'
      : isBelow(prototype, ArrayBuffer.prototype) ? 'ArrayBuffer' : typeof SharedArrayBuffer === 'function' && isBelow(prototype, SharedArrayBuffer.prototype) ? 'SharedArrayBuffer'
      : isBelow(prototype, Function.prototype) ? 'Function' : hasMethods(prototype, ['on', 'emit', 'removeListener']) ? 'EventEmitter' : hasMethods(prototype, ['addEventListener', 'dispatchEvent']) ? 'EventTarget' : 'other';
    classes.set(prototype, info = { name: nameOf(prototype), kind, count: 0 });
    return info;
  };
  const emitters = new Map();
  const heard = (name, event, listeners, first) => {
    const key = name + '\\0' + event;
    const row = emitters.get(key);
    if (row) { row.emitters++; row.listeners += listeners; if (listeners > row.most) { row.most = listeners; row.functionName = first; } }
    else if (emitters.size < 10000) emitters.set(key, { class: name, event, emitters: 1, listeners, most: listeners, functionName: first });
  };
  const functionName = (listener) => { const wrapped = typeof listener === 'function' ? own(listener, 'listener')?.value ?? listener : listener; const name = typeof wrapped === 'function' ? own(wrapped, 'name')?.value : null; return typeof name === 'string' && name !== '' ? name : null; };
  const eventText = (event) => typeof event === 'symbol' ? 'Symbol(' + (event.description ?? '') + ')' : String(event).slice(0, 60);
  const listen = (object, name) => {
    const events = own(object, '_events')?.value;
    if (events === null || typeof events !== 'object') return;
    for (const event of Reflect.ownKeys(events)) {
      const found = own(events, event)?.value;
      if (Array.isArray(found)) heard(name, eventText(event), found.length, functionName(own(found, String(found.length - 1))?.value));
      else if (typeof found === 'function') heard(name, eventText(event), 1, functionName(found));
    }
  };
  const target = (object, name) => {
    for (const symbol of Object.getOwnPropertySymbols(object)) {
      if (symbol.description !== 'kEvents') continue;
      const events = own(object, symbol)?.value;
      if (!(events instanceof Map)) continue;
      for (const [event, root] of Map.prototype.entries.call(events)) { const size = root === null || typeof root !== 'object' ? undefined : own(root, 'size')?.value; if (typeof size === 'number' && size > 0) heard(name, eventText(event), size, null); }
    }
  };
  const largest = [];
  let floor = 0;
  const collection = (object, info, size) => {
    if (size <= floor || size < 16) return;
    largest.push({ object, info, size });
    if (largest.length >= mostCollections * 4) { largest.sort((a, b) => b.size - a.size); largest.length = mostCollections; floor = largest[mostCollections - 1].size; }
  };
  let externalBytes = 0, mapEntries = 0, setEntries = 0, arrayItems = 0;
  const length = this.length;
  for (let at = 0; at < length; at++) {
    const object = this[at];
    const info = infoOf(prototypeOf(object));
    info.count++;
    switch (info.kind) {
      case 'Map': { const size = mapSize(object); mapEntries += size; collection(object, info, size); break; }
      case 'Set': { const size = setSize(object); setEntries += size; collection(object, info, size); break; }
      case 'Array': if (object !== this && Array.isArray(object)) { arrayItems += object.length; collection(object, info, object.length); } break;
      case 'ArrayBuffer': externalBytes += bufferBytes(object); break;
      case 'SharedArrayBuffer': externalBytes += sharedBytes(object); break;
      case 'EventEmitter': listen(object, info.name); break;
      case 'EventTarget': target(object, info.name); break;
    }
  }
  const newest = ({ object, info }) => {
    if (info.kind === 'Map') { for (const [key, value] of Map.prototype.entries.call(object)) return kindOf(key) + ' \\u2192 ' + kindOf(value); return ''; }
    if (info.kind === 'Set') { for (const value of Set.prototype.values.call(object)) return kindOf(value); return ''; }
    const last = own(object, String(object.length - 1));
    return last && 'value' in last ? kindOf(last.value) : '';
  };
  largest.sort((a, b) => b.size - a.size);
  const names = new Map();
  for (const { name, kind, count } of classes.values()) { const row = names.get(name); if (row) row.count += count; else names.set(name, { name, kind, count }); }
  const rows = [...names.values()].sort((a, b) => b.count - a.count);
  return {
    objects: length,
    classes: rows.slice(0, mostRows),
    otherClasses: { classes: Math.max(0, rows.length - mostRows), count: rows.slice(mostRows).reduce((sum, { count }) => sum + count, 0) },
    listeners: [...emitters.values()].sort((a, b) => b.listeners - a.listeners).slice(0, mostRows).map(({ most, ...row }) => ({ ...row, mostOnOne: most })),
    collections: largest.slice(0, mostCollections).map((each) => ({ class: each.info.name, kind: each.info.kind, size: each.size, holds: newest(each) })),
    totals: { mapEntries, setEntries, arrayItems, arrayBufferBytes: externalBytes },
  };
}`;

/** A first look that walks nothing: sizes of the heap, handles by type. The report of the process is not asked: it holds its environment. */
export const VITALS_EXPRESSION: string = `(() => {
  const { memoryUsage, getActiveResourcesInfo, version, versions, pid, uptime } = process;
  const load = process.getBuiltinModule?.bind(process) ?? require;
  const v8 = load('v8');
  const resources = {};
  for (const type of getActiveResourcesInfo?.call(process) ?? []) resources[type] = (resources[type] ?? 0) + 1;
  return { pid, version, v8: versions.v8, uptimeSeconds: Math.round(uptime.call(process)), memory: memoryUsage.call(process), heap: v8.getHeapStatistics(),
    spaces: v8.getHeapSpaceStatistics().map((space) => ({ name: space.space_name, usedBytes: space.space_used_size, sizeBytes: space.space_size })), resources };
})()`;
