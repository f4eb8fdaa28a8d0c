#!/usr/bin/env node
import { processOutput } from './output.ts';
import { run } from './run.ts';

// A reader that has seen enough (`| head`) is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

process.exitCode = await run(process.argv.slice(2), processOutput(), process.env['STANCH_DEBUG'] === '1');
