import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { endProgram } from '../../sources/containers/run-program.ts';
import { listenersOf, sharesNetwork } from '../../sources/processes/listening-ports.ts';

const WAKE_EVERY_MS = 500;

/** The same in another network: until its standard input ends, so that it does not outlive us. */
const WAKE_PROGRAM = `const{connect}=require('net');const[every,...ports]=process.argv.slice(1).map(Number);
const wake=()=>{for(const port of ports){const s=connect({port,host:'127.0.0.1',timeout:every},()=>s.destroy());s.on('error',()=>s.destroy()).on('timeout',()=>s.destroy())}};
setInterval(wake,every);process.stdin.on('end',()=>process.exit(0)).on('error',()=>process.exit(0)).resume()`;

/**
 * Connects to the ports of a process twice a second and closes at once, as health checks of load balancers do: it lets a loop turn that
 * waits for its users. The network of a container is entered for it, where this user may.
 *
 * @returns ends it
 */
export function keepAwake(pid: number): () => void {
  const ports = [...new Set((listenersOf(pid) ?? []).map(({ port }) => port))];
  if (ports.length === 0) return () => undefined;
  if (!sharesNetwork(pid)) {
    const args = ['-e', WAKE_PROGRAM, ...[WAKE_EVERY_MS, ...ports].map(String)];
    const child = spawn('nsenter', [`--net=/proc/${pid}/ns/net`, '--', process.execPath, ...args], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: {},
    });
    // Where the network may not be entered the process is waited for as it is.
    child.on('error', () => undefined);
    child.stdin.on('error', () => undefined);
    return () => {
      child.stdin.end();
      endProgram(child);
    };
  }
  const timer = setInterval(() => {
    for (const port of ports) {
      const socket = connect({ port, host: '127.0.0.1', timeout: WAKE_EVERY_MS }, () => socket.destroy());
      socket.once('error', () => socket.destroy()).once('timeout', () => socket.destroy());
    }
  }, WAKE_EVERY_MS);
  return () => clearInterval(timer);
}
