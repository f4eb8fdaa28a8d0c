export type { ClassedBy, ClassNames } from './analysis/class-names.ts';
export { type Amount, type ClassDiff, compareHeaps, type HeapDiff } from './analysis/compare.ts';
export { distances } from './analysis/distances.ts';
export { type DominatorTree, dominators } from './analysis/dominators.ts';
export { type ClassQuery, Heap, type HeapOptions, type ObjectQuery } from './analysis/heap.ts';
export type {
  AllocationFrame,
  ObjectDetails,
  ObjectReference,
  ObjectSummary,
  PathStep,
  RetainingPath,
  WayOfHolding,
  WaysOfHolding,
} from './analysis/heap-views.ts';
export type { HeapClass } from './analysis/histogram.ts';
export { type ByteSource, bytesSource, streamSource } from './base/byte-source.ts';
export { FormatError, StanchError } from './base/errors.ts';
export type { LongCall, OnProgress } from './base/progress.ts';
export { CaptureError, type CaptureStep } from './capture/capture-error.ts';
export {
  type CapturedSnapshot,
  type CaptureHeapSnapshotOptions,
  CaptureSession,
  captureHeapSnapshot,
  type SnapshotOptions,
} from './capture/heap-snapshot.ts';
export { type DiagnoseOptions, type DumpInput, diagnose } from './diagnosis/diagnose.ts';
export type { HeapFormat, ReadOptions } from './formats/format.ts';
export { detectFormat, FORMATS } from './formats/index.ts';
export { readHeapSnapshot } from './formats/v8-heapsnapshot/read.ts';
export { type CompareFilesOptions, compareFiles } from './library/compare-files.ts';
export { type DiagnoseFilesOptions, diagnoseFiles } from './library/diagnose-files.ts';
export type {
  Diagnosis,
  EvidenceItem,
  Finding,
  FindingLocation,
  PathStepView,
  Pattern,
  Verdict,
} from './model/finding.ts';
export type { HeapGraph } from './model/heap-graph.ts';
export type { SourceLocation } from './model/source-location.ts';
export type { SourceTree } from './model/source-tree.ts';
export type { Evidence, EvidenceDump, UnreadableEvidence } from './sources/evidence.ts';
export { openFile } from './sources/file.ts';
export { type FindEvidenceOptions, findEvidence } from './sources/find-evidence.ts';
export { type OpenHeapOptions, openHeap } from './sources/open-heap.ts';
export { readSourceTree } from './sources/source-tree.ts';
