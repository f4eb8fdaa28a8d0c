export { dominators } from './analysis/dominators.ts';
export { distances } from './analysis/distances.ts';
export { readHeapSnapshot } from './formats/v8-heapsnapshot/read.ts';
export { openFile } from './sources/file.ts';
export { findGrowth } from './analysis/growth.ts';
export { groupGrowth } from './diagnosis/groups.ts';
export { diagnose } from './diagnosis/diagnose.ts';
export { readSourceTree } from './sources/source-tree.ts';
