import { StanchError } from '../../base/errors.ts';
import { CaptureError } from '../capture-error.ts';
import type { InspectorClient } from '../inspector-client.ts';
import { CENSUS_FUNCTION, VITALS_EXPRESSION } from './census-script.ts';
import { writeEvidence } from './evidence-file.ts';

const GROUP = 'stanch-census';
const MOST_ROWS = 300;
const MOST_COLLECTIONS = 40;

/** What V8 says of its own heap; bytes. */
export interface NodeVitals {
  readonly pid: number;
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly memory: { readonly rss: number; readonly heapUsed: number; readonly external: number };
  readonly heap: { readonly heap_size_limit: number; readonly used_heap_size: number };
}

/** Sizes of the heap and handles by type; walks nothing, takes some milliseconds. */
export async function nodeVitals(control: InspectorClient): Promise<NodeVitals> {
  return (await evaluated(control, 'Runtime.evaluate', {
    expression: VITALS_EXPRESSION,
    includeCommandLineAPI: true,
    returnByValue: true,
  })) as NodeVitals;
}

/**
 * Counts the live objects of a process without a snapshot, by class, listeners and collections by size, and writes it as JSON
 * (`docs/formats/node-census.md`). `Runtime.queryObjects` collects all garbage and then gives everything below `Object.prototype` as one
 * array: one such question costs the same collections as any smaller one, so only one is asked.
 */
export async function takeCensus(
  control: InspectorClient,
  { file, signal }: { file: string; signal: AbortSignal },
): Promise<{ bytes: number; sha256: string }> {
  signal.throwIfAborted();
  const begun = performance.now();
  try {
    const vitals = await nodeVitals(control);
    const counted = await count(control);
    const census = {
      schema: 'stanch/node-census@1',
      at: new Date().toISOString(),
      runtime: 'node',
      ...vitals,
      ...counted,
      elapsedMs: Math.round(performance.now() - begun),
    };
    signal.throwIfAborted();
    return await writeEvidence(file, one(Buffer.from(`${JSON.stringify(census, null, 1)}\n`, 'utf8')));
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof StanchError) throw cause;
    throw new CaptureError(control.target, 'take-snapshot', (cause as Error).message, { cause });
  }
}

async function count(control: InspectorClient): Promise<object> {
  try {
    const { objectId } = (await control
      .send('Runtime.evaluate', {
        expression: 'Object.prototype',
        objectGroup: GROUP,
      })
      .then((answer) => (answer as { result: { objectId: string } }).result)) as { objectId: string };
    const { objects } = (await control.send('Runtime.queryObjects', {
      prototypeObjectId: objectId,
      objectGroup: GROUP,
    })) as { objects: { objectId: string } };
    return (await evaluated(control, 'Runtime.callFunctionOn', {
      objectId: objects.objectId,
      functionDeclaration: CENSUS_FUNCTION,
      arguments: [{ value: MOST_ROWS }, { value: MOST_COLLECTIONS }],
      returnByValue: true,
    })) as object;
  } finally {
    // The array holds every object of the service: as long as it is there nothing of it is ever freed.
    await control.send('Runtime.releaseObjectGroup', { objectGroup: GROUP }).catch(() => undefined);
  }
}

async function evaluated(
  control: InspectorClient,
  method: string,
  params: Record<string, unknown>,
): Promise<unknown> {
  const { result, exceptionDetails } = (await control.send(method, params)) as {
    result: { value?: unknown };
    exceptionDetails?: { text: string; exception?: { description?: string } };
  };
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return result.value;
}

async function* one(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield chunk;
}
