import { NOWHERE } from './address-index.ts';
import type { RubyClassNames } from './class-names.ts';
import { KIND_OF_TYPE, NODE } from './kinds.ts';
import type { NameTable } from './name-table.ts';
import { type DumpRecords, HAS_VALUE, NO_CLASS, OF_SET, SHARED } from './records.ts';
import type { Resolved } from './resolve.ts';
import { TYPE, TYPE_NAMES } from './words.ts';

const NO_VALUE = '(value not in the dump)';
const MAX_SHARED = 16;

/** Kind and name by node. */
export interface NodeNames {
  readonly kind: Uint8Array;
  readonly name: Uint32Array;
}

export function nodeNames(
  records: DumpRecords,
  resolved: Resolved,
  classNames: RubyClassNames,
  names: NameTable,
): NodeNames {
  const { count, type, flags, classOf, detail } = records;
  const { texts } = records.words;
  const kind = new Uint8Array(count);
  const name = new Uint32Array(count);
  const closures = new Set([texts.indexOf('proc'), texts.indexOf('method')]);
  const env = texts.indexOf('env');
  const noValue = names.numberOf(NO_VALUE);
  const classes = resolved.classNodes.length;
  const instanceName = new Uint32Array(classes);
  const setClass = new Uint8Array(classes);
  for (let number = 0; number < classes; number++) {
    instanceName[number] = names.numberOf(classNames.ofInstances(number));
    setClass[number] = classNames.inherits(number, 'Set') ? 1 : 0;
  }
  const hidden = TYPE_NAMES.map((text) => names.numberOf(`(hidden ${text.toLowerCase()})`));
  const engine = texts.map((text) => names.numberOf(`(imemo ${text})`));

  for (let node = 1; node < count; node++) {
    const what = type[node]!;
    const number = classOf[node]!;
    let nodeKind = KIND_OF_TYPE[what]!;
    switch (what) {
      case TYPE.STRING:
      case TYPE.SYMBOL:
        name[node] = valueNumber(records, resolved, node, noValue);
        break;
      case TYPE.CLASS:
      case TYPE.MODULE:
      case TYPE.ICLASS:
        name[node] = names.numberOf(classNames.ofClass(node));
        break;
      case TYPE.IMEMO:
        if (detail[node] === env) nodeKind = NODE.context;
        name[node] = engine[detail[node]!]!;
        break;
      case TYPE.ROOT:
        name[node] = names.numberOf(`(${texts[detail[node]!] || 'unknown root'})`);
        break;
      case 0:
        name[node] = names.numberOf(`(${texts[detail[node]!]?.toLowerCase() || 'unknown type'})`);
        break;
      default:
        if (number === NO_CLASS) {
          nodeKind = NODE.hidden;
          name[node] = hidden[what]!;
          break;
        }
        name[node] = instanceName[number]!;
        if (what === TYPE.DATA && closures.has(detail[node]!)) nodeKind = NODE.closure;
        if (what === TYPE.OBJECT && setClass[number] === 1) markHashOfSet(records, resolved, node);
    }
    kind[node] = nodeKind;
  }
  kind[0] = NODE.synthetic;
  name[0] = names.numberOf('(root)');
  return { kind, name };

  function markHashOfSet({ referenceEnd }: DumpRecords, { targets }: Resolved, node: number): void {
    for (let at = referenceEnd[node - 1]!; at < referenceEnd[node]!; at++) {
      const target = targets[at]!;
      if (target !== NOWHERE && type[target] === TYPE.HASH) flags[target]! |= OF_SET;
    }
  }
}

/** A string that shares its bytes with another has no value of its own in the dump. */
function valueNumber(records: DumpRecords, resolved: Resolved, node: number, noValue: number): number {
  const { flags, detail, type, referenceEnd } = records;
  let at = node;
  for (let steps = 0; steps < MAX_SHARED; steps++) {
    if ((flags[at]! & HAS_VALUE) !== 0) return detail[at]!;
    if ((flags[at]! & SHARED) === 0 || referenceEnd[at] === referenceEnd[at - 1]) return noValue;
    // Instance variables come before the string that is shared.
    const target = resolved.targets[referenceEnd[at]! - 1]!;
    if (target === NOWHERE || type[target] !== TYPE.STRING) return noValue;
    at = target;
  }
  return noValue;
}
