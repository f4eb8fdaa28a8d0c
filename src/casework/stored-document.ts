import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, StanchError } from '../base/errors.ts';
import { readCase } from './case-folder.ts';
import { makeFolder, writeDurably } from './durable-file.ts';
import { hashOf } from './timeline.ts';

/** A JSON document below `findings/`, under the hash of its text. */
export interface StoredDocument {
  /** Below the case folder. */
  readonly file: string;
  readonly sha256: string;
}

/** Puts a document into the case; it is on the disk when this returns. A record must name it afterwards. */
export async function storeDocument(folder: string, document: unknown): Promise<StoredDocument> {
  const text = documentText(document);
  const sha256 = hashOf(Buffer.from(text));
  const file = `findings/${sha256}.json`;
  await readCase(folder);
  await makeFolder(join(folder, 'findings'));
  await writeDurably(join(folder, file), text);
  return { file, sha256 };
}

/**
 * A document of the case, as it was written.
 *
 * @throws StanchError `findings-damaged` when it is gone or altered
 */
export async function readDocument(
  folder: string,
  { file, sha256 }: StoredDocument,
  hint: string,
): Promise<unknown> {
  const bytes = await readFile(join(folder, file)).catch(() => null);
  if (bytes !== null && hashOf(bytes) === sha256) return JSON.parse(bytes.toString('utf8'));
  throw new StanchError(`${file} ${bytes === null ? 'is gone' : 'was altered after it was written'}`, {
    code: 'findings-damaged',
    exitCode: EXIT.unreadable,
    hint,
  });
}

export function documentText(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
