/** memlab's leak filter for a server: every object and closure that stayed is a leak. */
module.exports = {
  /** @param {{type: string}} node */
  leakFilter: (node) => node.type === 'object' || node.type === 'closure',
};
