import { constants } from 'node:fs';
import { mkdir, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Lays down what an agent of Ruby or Python shall do when its signal comes.
 *
 * @param folder the agent's private folder
 * @param pid its pid as itself sees it
 */
export async function writeAgentRequest(folder: string, pid: number, request: object): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `stanch-${pid}.request.json`);
  const part = `${path}.${process.pid}`;
  const file = await open(part, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    await file.writeFile(JSON.stringify(request));
    // The agent belongs to the user of the service, whose folder it is, and must be able to read this.
    const { uid, gid } = await stat(folder);
    if (uid !== process.getuid?.()) await file.chown(uid, gid);
  } finally {
    await file.close();
  }
  await rename(part, path);
}
