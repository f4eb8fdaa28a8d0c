/** From the most to the least talkative. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'];

/**
 * @typedef {(area: string, message: string) => void} LogFunction
 * @typedef {{ debug: LogFunction, info: LogFunction, warn: LogFunction, error: LogFunction }} Logger
 */

/**
 * Writes lines such as `2024-02-15T01:00:12.123Z [WS] User connected socket=sock_a1b2c3`.
 *
 * @param {string} level lines below this level are dropped
 * @returns {Logger}
 */
export function createLogger(level) {
  const threshold = LOG_LEVELS.indexOf(level);
  /** @param {string} name @returns {LogFunction} */
  const at = (name) => (area, message) => {
    if (LOG_LEVELS.indexOf(name) < threshold) return;
    process.stdout.write(`${new Date().toISOString()} [${area}] ${message}\n`);
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
