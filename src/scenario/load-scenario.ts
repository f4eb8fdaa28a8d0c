import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../base/errors.ts';
import type { Scenario } from './scenario.ts';

const FUNCTIONS = ['operation', 'round', 'browser', 'setup', 'teardown', 'start', 'collectGarbage'] as const;
const SHAPE = 'a scenario exports operation(index), round(operations) or browser(page, index)';

/**
 * Imports a scenario: its exports, or its default export.
 *
 * @throws UsageError when it is none, or cannot be imported
 */
export async function loadScenario(file: string): Promise<Scenario> {
  const path = resolve(file);
  if (!existsSync(path)) throw new UsageError(`${file}: there is no such file`, SHAPE);
  const module = await importModule(path, file);
  const scenario = (isObject(module['default']) ? module['default'] : module) as Record<string, unknown>;
  for (const name of FUNCTIONS) {
    const value = scenario[name];
    if (value !== undefined && typeof value !== 'function')
      throw new UsageError(`${file}: '${name}' is no function`, SHAPE);
  }
  if (!scenario['operation'] && !scenario['round'] && !scenario['browser'])
    throw new UsageError(`${file}: it exports neither operation, nor round, nor browser`, SHAPE);
  return scenario as Scenario;
}

async function importModule(path: string, file: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
      throw new UsageError(
        `${file}: this Node.js (${process.version}) does not read TypeScript`,
        'Node.js 22.18 and newer do; or NODE_OPTIONS="--import tsx" stanch run …, or compile it first',
      );
    throw new UsageError(`${file}: cannot be imported: ${message}`, SHAPE);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
