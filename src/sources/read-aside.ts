/** The second thread: opens the file again and does the part of the reading that it is given. */
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { type EdgesTask, readEdgesAside } from '../formats/v8-heapsnapshot/edges-aside.ts';
import type { ThreadTask } from './second-thread.ts';

const { path, task } = workerData as ThreadTask;
const descriptor = openSync(path, 'r');
try {
  readEdgesAside(task as EdgesTask, {
    // A Buffer, since its search for a byte is several times faster than a typed array's.
    read: (into, offset) => readSync(descriptor, into, 0, into.length, offset),
    newBuffer: (bytes) => Buffer.allocUnsafeSlow(bytes),
    post: (message, transfer) => parentPort?.postMessage(message, transfer),
  });
} finally {
  closeSync(descriptor);
}
