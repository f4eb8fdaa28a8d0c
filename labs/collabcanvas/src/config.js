import { parseArgs } from 'node:util';
import { LOG_LEVELS } from './logging/logger.js';

/**
 * @typedef {object} Config
 * @property {string} host
 * @property {number} port 0 lets the system choose
 * @property {string} logLevel one of LOG_LEVELS
 * @property {number} maxMessageBytes largest WebSocket message that is read
 * @property {number} idleAfterMs a user without a heartbeat for so long is shown as idle
 */

/**
 * Reads the settings; arguments win over the environment.
 *
 * @param {NodeJS.ProcessEnv} env HOST, PORT, LOG_LEVEL
 * @param {string[]} args --host, --port, --log-level
 * @returns {Config}
 */
export function loadConfig(env, args) {
  const { values } = parseArgs({
    args,
    options: { host: { type: 'string' }, port: { type: 'string' }, 'log-level': { type: 'string' } },
  });
  const port = Number(values.port ?? env.PORT ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`The port must be a whole number from 0 to 65535, not ${values.port ?? env.PORT}`);
  }
  const logLevel = values['log-level'] ?? env.LOG_LEVEL ?? 'warn';
  if (!LOG_LEVELS.includes(logLevel)) {
    throw new RangeError(`The log level must be one of ${LOG_LEVELS.join(', ')}, not ${logLevel}`);
  }
  return {
    host: values.host ?? env.HOST ?? '127.0.0.1',
    port,
    logLevel,
    maxMessageBytes: 64 * 1024,
    idleAfterMs: 60_000,
  };
}
