/** Calls to the search service, which answers only some of them. */
export class RpcClient {
  constructor() {
    this.waiting = new Map();
    this.nextCall = 0;
  }

  /** @param {string} method @param {object} params @returns {Promise<unknown>} */
  call(method, params) {
    this.nextCall += 1;
    const call = `call-${this.nextCall}`;
    return new Promise((resolve, reject) => {
      this.waiting.set(call, { method, params, resolve, reject });
    });
  }

  /** The newest call gets its answer. @param {unknown} answer */
  answerNewest(answer) {
    const call = `call-${this.nextCall}`;
    this.waiting.get(call).resolve(answer);
    this.waiting.delete(call);
  }
}

/** Looks a board up; what follows the `await` never runs when the call is not answered. @param {RpcClient} rpc */
export async function searchBoard(rpc, /** @type {{board: string, user: string}} */ query) {
  const found = await rpc.call('search.board', query);
  return { ...query, found };
}
