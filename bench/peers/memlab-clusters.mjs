/**
 * @typedef {object} MemlabCluster a group of leaked objects with one example of a path
 * @property {number} similar how many sampled objects memlab put into it
 * @property {string[]} edges names of the references on the example's path
 */

/**
 * Reads the clusters that memlab's find-leaks prints.
 *
 * @param {string} output
 * @returns {MemlabCluster[]}
 */
export function readClusters(output) {
  const [, ...blocks] = output.split('--Similar leaks in this run: ');
  return blocks.map((block) => ({
    similar: Number.parseInt(block, 10),
    edges: [...block.matchAll(/^ {2}--(.+?) \(\w+\)--->/gm)].map(([, name]) => name),
  }));
}
