export type { ClassedBy, ClassNames } from './analysis/class-names.ts';
export { type Amount, type ClassDiff, compareHeaps, type HeapDiff } from './analysis/compare.ts';
export type { Correlate } from './analysis/correlate/correlate.ts';
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
export { type DiffOptions, diffProfiles } from './analysis/stacks/diff.ts';
export { toFolded } from './analysis/stacks/export-folded.ts';
export { type SpeedscopeFile, toSpeedscope } from './analysis/stacks/export-speedscope.ts';
export { mergeProfiles } from './analysis/stacks/merge.ts';
export { type TopOptions, type TopRow, type TopTable, top as topOfProfile } from './analysis/stacks/top.ts';
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
export { capturePythonDump, type PythonDump, type PythonDumpOptions } from './capture/python-agent.ts';
export { captureRubyDump, type RubyDumpOptions } from './capture/ruby-agent.ts';
export { type ConfirmInput, confirm } from './confirm/confirm.ts';
export type { Confirmation } from './confirm/confirmation.ts';
export { type DiagnoseOptions, type DumpInput, diagnose } from './diagnosis/diagnose.ts';
export { type DiagnoseGoOptions, diagnoseGoroutines } from './diagnosis/go/diagnose-goroutines.ts';
export type { MemoryFigures } from './diagnosis/go/memory.ts';
export type { GoInput } from './diagnosis/go/moments.ts';
export { type CsvOptions, readCsv } from './formats/csv/read.ts';
export type {
  EvidenceFormat,
  GoroutineFormat,
  HeapFormat,
  ProfileFormat,
  ReadOptions,
} from './formats/format.ts';
export { readGoroutines } from './formats/go-goroutines/read.ts';
export { detectFormat, FORMATS } from './formats/index.ts';
export { readJsonLines } from './formats/json-lines/read.ts';
export { readMemray } from './formats/memray/read.ts';
export { type OpenMetricsOptions, readOpenMetrics } from './formats/openmetrics/read.ts';
export { readPprof } from './formats/pprof/read.ts';
export { packPprof } from './formats/pprof/write.ts';
export { readProfileText } from './formats/profile-text/read.ts';
export type { PythonFacts, PythonHeapGraph } from './formats/python-gc/facts.ts';
export { readPythonGc } from './formats/python-gc/read.ts';
export { readTracemalloc, type TracemallocOptions } from './formats/python-tracemalloc/read.ts';
export { type RubyReadOptions, readRubyDump } from './formats/ruby-objspace/read.ts';
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
  ProcessAccount,
  Verdict,
} from './model/finding.ts';
export type { GoroutineDump } from './model/goroutines.ts';
export type { HeapGraph, ProcessFacts } from './model/heap-graph.ts';
export type { Series, SeriesSet } from './model/series.ts';
export type { SourceLocation } from './model/source-location.ts';
export type { SourceTree } from './model/source-tree.ts';
export type { StackProfile } from './model/stack-profile.ts';
export type {
  BrowserPage,
  OperationCounts,
  RunningService,
  Scenario,
  ScenarioContext,
} from './scenario/scenario.ts';
export type {
  Evidence,
  EvidenceDump,
  EvidenceFile,
  EvidenceProfile,
  ProfileContent,
  UnreadableEvidence,
} from './sources/evidence.ts';
export { openFile } from './sources/file.ts';
export { type FindEvidenceOptions, findEvidence } from './sources/find-evidence.ts';
export { type OpenHeapOptions, openHeap } from './sources/open-heap.ts';
export { readSourceTree } from './sources/source-tree.ts';
export type { KnownRate, SeriesSide } from './verify/series-side.ts';
export type { SeriesVerification, SideGrowth } from './verify/verification.ts';
export { type VerifySeriesOptions, verifySeries } from './verify/verify-series.ts';
