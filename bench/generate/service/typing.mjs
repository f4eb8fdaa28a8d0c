/** How many typing indicators poll. Nothing in the service stops one. */
let polling = 0;

/** Polls whether the user of a connection is typing. @param {import('./connection.mjs').Connection} connection */
export function pollTyping(connection) {
  polling += 1;
  setInterval(() => {
    connection.emit('message', 'typing');
  }, 60_000);
}

/** How many typing indicators poll. */
export function typingIndicators() {
  return polling;
}
