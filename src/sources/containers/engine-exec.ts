import { Duplex, PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Engine, engineGet, engineHijack, enginePost } from './engine-api.ts';
import type { ProgramResult } from './run-program.ts';

const TIMEOUT_MS = 15_000;
const MOST_OUTPUT_BYTES = 16 << 20;

/** Runs a program that the container already has, without a shell, and waits for it. */
export async function engineRun(
  engine: Engine,
  id: string,
  argv: readonly string[],
  timeoutMs: number = TIMEOUT_MS,
): Promise<ProgramResult> {
  const { exec, streams } = await start(engine, id, argv);
  const text = { stdout: '', stderr: '' };
  let bytes = 0;
  const gather = (name: 'stdout' | 'stderr') => (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_OUTPUT_BYTES) streams.destroy();
    else text[name] += chunk.toString('utf8');
  };
  streams.stdout.on('data', gather('stdout'));
  streams.stderr.on('data', gather('stderr'));
  const ended = new Promise<true>((resolve) => streams.onEnd(() => resolve(true)));
  const inTime = await Promise.race([ended, sleep(timeoutMs, false, { ref: false })]);
  streams.destroy();
  if (!inTime) return { code: null, ...text, failure: `no end after ${timeoutMs / 1000} s` };
  const { ExitCode } = (await engineGet(engine, `/exec/${exec}/json`)) as { ExitCode?: number | null };
  return { code: ExitCode ?? null, ...text, failure: null };
}

/** Runs a program in the container and gives its standard input and output as one stream. */
export async function engineStream(engine: Engine, id: string, argv: readonly string[]): Promise<Duplex> {
  const { streams } = await start(engine, id, argv);
  streams.stderr.resume();
  return streams.duplex();
}

async function start(
  engine: Engine,
  id: string,
  argv: readonly string[],
): Promise<{ exec: string; streams: ExecStreams }> {
  const { Id } = (await enginePost(engine, `/containers/${encodeURIComponent(id)}/exec`, {
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    Cmd: argv,
  })) as { Id: string };
  const socket = await engineHijack(engine, `/exec/${Id}/start`, { Detach: false, Tty: false });
  return { exec: Id, streams: new ExecStreams(socket) };
}

/**
 * Both outputs come in frames over one connection: a byte for which of them it is, three of nothing, four for the length (Docker Engine
 * API, "Stream format" of attach).
 */
class ExecStreams {
  readonly stdout: PassThrough = new PassThrough();
  readonly stderr: PassThrough = new PassThrough();
  private rest: Buffer = Buffer.alloc(0);

  constructor(private readonly socket: Duplex) {
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', () => this.finish());
    socket.on('end', () => this.finish());
    socket.on('close', () => this.finish());
    this.stdout.on('drain', () => socket.resume());
  }

  onEnd(listener: () => void): void {
    this.socket.once('end', listener);
    this.socket.once('close', listener);
  }

  duplex(): Duplex {
    const { socket } = this;
    const both = Duplex.from({ writable: socket, readable: this.stdout });
    both.on('close', () => socket.destroy());
    return both;
  }

  destroy(): void {
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    for (;;) {
      if (this.rest.length < 8) return;
      const length = this.rest.readUInt32BE(4);
      if (this.rest.length < 8 + length) return;
      const into = this.rest[0] === 2 ? this.stderr : this.stdout;
      const body = this.rest.subarray(8, 8 + length);
      this.rest = this.rest.subarray(8 + length);
      if (!into.write(body) && into === this.stdout) this.socket.pause();
    }
  }

  private finish(): void {
    if (!this.stdout.writableEnded) this.stdout.end();
    if (!this.stderr.writableEnded) this.stderr.end();
  }
}
