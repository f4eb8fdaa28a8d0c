/** @type {{serial: number, action: string, details: {board: string, user: string}}[]} */
const auditTrail = [];

/** Writes one line of the audit log. @param {{serial: number, board: string, user: string}} event */
export function recordJoin({ serial, board, user }) {
  auditTrail.push({ serial, action: `join #${serial}`, details: { board, user } });
}

/** How many lines the audit log has. */
export function auditedJoins() {
  return auditTrail.length;
}
