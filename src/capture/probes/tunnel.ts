import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Duplex } from 'node:stream';
import { endProgram } from '../../sources/containers/run-program.ts';

/** A port of this machine that leads to one of another network namespace, until it is closed. */
export interface Tunnel {
  readonly port: number;
  close(): Promise<void>;
}

/** Joins its standard input and output with a port; run by whatever Node.js is on the other side. */
export const RELAY_PROGRAM: string =
  "const s=require('net').connect(+process.argv[1],'127.0.0.1');s.setNoDelay(true);process.stdin.pipe(s).pipe(process.stdout);s.on('error',()=>process.exit(1));s.on('close',()=>process.exit(0))";

/**
 * Listens on a port of 127.0.0.1, and gives each connection a stream of its own.
 *
 * @param open a stream to the other side; a connection that gets none is closed
 */
export async function openTunnel(open: () => Promise<Duplex>): Promise<Tunnel> {
  const streams = new Set<Duplex>();
  const server = createServer((socket) => {
    streams.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => streams.delete(socket));
    open().then(
      (stream) => {
        streams.add(stream);
        const end = (): void => {
          socket.destroy();
          stream.destroy();
        };
        stream.on('error', end);
        stream.on('end', () => socket.end());
        stream.on('close', () => {
          streams.delete(stream);
          socket.end();
        });
        socket.on('close', end);
        if (socket.destroyed) return end();
        socket.pipe(stream).pipe(socket);
      },
      () => socket.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const stream of streams) stream.destroy();
      await closed;
    },
  };
}

/**
 * True when this user may enter the network namespace of a process: root may. Nothing runs in the container then, and nothing counts
 * against its limit: our own Node.js is started in its network only.
 */
export function mayEnterNetwork(pid: number): boolean {
  const tried = spawnSync('nsenter', [`--net=/proc/${pid}/ns/net`, '--', process.execPath, '--version'], {
    timeout: 5000,
    stdio: 'ignore',
  });
  return tried.status === 0;
}

/** A tunnel into the network of a process of this machine. */
export function tunnelIntoNetwork(pid: number, port: number): Promise<Tunnel> {
  return openTunnel(() => {
    const child = spawn(
      'nsenter',
      [`--net=/proc/${pid}/ns/net`, '--', process.execPath, '-e', RELAY_PROGRAM, String(port)],
      { stdio: ['pipe', 'pipe', 'ignore'], env: {} },
    );
    child.stdin.on('error', () => undefined);
    const stream = Duplex.from({ writable: child.stdin, readable: child.stdout });
    stream.on('close', () => endProgram(child));
    child.on('error', () => stream.destroy());
    return Promise.resolve(stream);
  });
}
