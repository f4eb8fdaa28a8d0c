import type { Family } from './raw.ts';

export const NODE_KINDS = [
  'synthetic',
  'object',
  'string',
  'number',
  'class',
  'module',
  'closure',
  'context',
  'hidden',
] as const;
export type NodeKind = (typeof NODE_KINDS)[number];

export const EDGE_KINDS = ['element', 'property', 'context', 'key', 'value', 'internal', 'slot'] as const;
export type EdgeKind = (typeof EDGE_KINDS)[number];

/** Numbers of the edge kinds, as the arrays hold them. */
export const EDGE: Readonly<Record<EdgeKind, number>> = Object.fromEntries(
  EDGE_KINDS.map((kind, at) => [kind, at]),
) as Record<EdgeKind, number>;

export function nodeKindNumber(kind: NodeKind): number {
  return NODE_KINDS.indexOf(kind);
}

const BY_CLASS: Readonly<Record<string, NodeKind>> = {
  str: 'string',
  bytes: 'string',
  int: 'number',
  float: 'number',
  complex: 'number',
  bool: 'number',
  module: 'module',
  function: 'closure',
  method: 'closure',
  builtin_function_or_method: 'closure',
  'functools._lru_cache_wrapper': 'closure',
  cell: 'context',
  frame: 'context',
  code: 'hidden',
  mappingproxy: 'hidden',
  getset_descriptor: 'hidden',
  member_descriptor: 'hidden',
  method_descriptor: 'hidden',
  classmethod_descriptor: 'hidden',
  wrapper_descriptor: 'hidden',
  'method-wrapper': 'hidden',
  NoneType: 'hidden',
  ellipsis: 'hidden',
  NotImplementedType: 'hidden',
  PyCapsule: 'hidden',
  hamt: 'hidden',
  hamt_bitmap_node: 'hidden',
  hamt_array_node: 'hidden',
  hamt_collision_node: 'hidden',
  'functools._lru_list_elem': 'hidden',
};

/** Node kind of the instances of a class. */
export function nodeKindOf(className: string, family: Family): NodeKind {
  if (family === 'type') return 'class';
  if (family === 'generator') return 'closure';
  return BY_CLASS[className] ?? 'object';
}
