/**
 * What Stanch computes for every node of a snapshot, and the names of nodes for messages.
 *
 * @param {string} path
 * @returns {Promise<import('../peers/devtools/oracle.mjs').NodeArrays & {nameOf: (node: number) => string}>}
 */
export async function stanchArrays(path) {
  const { distances, dominators, openFile, readHeapSnapshot } = await import('../../dist/index.js');
  const source = openFile(path);
  const graph = await readHeapSnapshot(source);
  const { idom, retainedBytes } = dominators(graph);
  return {
    idom,
    retained: retainedBytes,
    self: graph.selfBytes,
    distance: distances(graph),
    nameOf: (node) => `${graph.strings.get(graph.nodeName[node])} @${graph.nodeId[node]}`,
  };
}
