import { findGrowth, type Growth } from '../../analysis/growth.ts';
import { drawProcess } from '../../formats/v8-heapsnapshot/draw-process.ts';
import type { Diagnosis, Finding } from '../../model/finding.ts';
import type { HeapGraph } from '../../model/heap-graph.ts';
import type { SourceTree } from '../../model/source-tree.ts';
import { LEAK_CONFIDENCE } from '../confidence.ts';
import { type DiagnoseOptions, type DumpInput, diagnose } from '../diagnose.ts';

/** Where the heap grew between dumps of one process, drawn in text. */
export async function growthOf(texts: readonly string[]): Promise<Growth> {
  const graphs = await drawProcess(texts);
  return findGrowth({ count: graphs.length, load: async (index) => graphs[index]! });
}

/** Diagnoses dumps of one process, drawn in text. */
export async function diagnoseDrawn(
  texts: readonly string[],
  options: DiagnoseOptions = {},
): Promise<Diagnosis> {
  return diagnose(dumpsOf(await drawProcess(texts)), options);
}

/** Graphs as the dumps A, B, C… of one process, an hour apart. */
export function dumpsOf(graphs: readonly HeapGraph[]): DumpInput[] {
  return graphs.map((graph, index) => ({
    label: String.fromCharCode(65 + index),
    file: `${String.fromCharCode(65 + index)}.heapsnapshot`,
    sizeBytes: null,
    at: new Date(Date.UTC(2026, 0, 1, index)).toISOString(),
    load: async () => graph,
  }));
}

/** What is called a leak. */
export function leaksOf(diagnosis: Diagnosis): Finding[] {
  return diagnosis.findings.filter((finding) => finding.confidence >= LEAK_CONFIDENCE);
}

export function sourceTree(
  files: Readonly<Record<string, string>>,
  maps: Readonly<Record<string, string>> = {},
): SourceTree {
  return { root: '/checkout', files: new Map(Object.entries(files)), maps: new Map(Object.entries(maps)) };
}
