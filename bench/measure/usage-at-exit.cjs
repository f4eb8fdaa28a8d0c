/** Preloaded into a measured process: writes what the operating system says the process has used when it ends. */
const { writeFileSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');

const { BENCH_USAGE_FILE: file, BENCH_PARENT: parent } = process.env;

// Threads and grandchildren inherit the preload; only the measured process itself reports.
if (isMainThread && file && Number(parent) === process.ppid) {
  process.on('exit', () => writeFileSync(file, JSON.stringify(process.resourceUsage())));
}
