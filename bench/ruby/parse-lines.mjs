import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

let bytes = 0;
for await (const line of createInterface({ input: createReadStream(process.argv[2]) }))
  bytes += JSON.parse(line).memsize ?? 0;
process.stdout.write(`${bytes}\n`);
