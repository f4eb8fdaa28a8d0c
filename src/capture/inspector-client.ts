import { once } from 'node:events';
import { WebSocket } from 'ws';
import { CaptureError } from './capture-error.ts';

/** What the inspector sends: the answer to a command, or an event. */
interface Message {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: unknown;
  error?: { message: string };
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

export interface ConnectOptions {
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** One chunk of a snapshot is about 100 kB; a limit must only stop what is no inspector. */
const MAX_MESSAGE_BYTES = 256 * 1024 * 1024;

/**
 * A connection to a V8 inspector, speaking the Chrome DevTools Protocol
 * (https://chromedevtools.github.io/devtools-protocol/v8/). Only one command is on the way at a time.
 */
export class InspectorClient {
  private lastId = 0;
  private readonly waiting: Map<number, Waiting> = new Map();
  private readonly listeners: Map<string, (params: Record<string, unknown>) => void> = new Map();
  private ended: Error | null = null;

  private constructor(
    private readonly socket: WebSocket,
    readonly target: string,
  ) {
    socket.on('message', (data: Buffer) => this.receive(data));
    socket.on('close', () => this.end(new Error('the inspector has closed the connection')));
    socket.on('error', (error) => this.end(error));
  }

  /** @throws CaptureError (step `connect`) */
  static async connect(webSocketUrl: string, options: ConnectOptions = {}): Promise<InspectorClient> {
    const { signal, timeoutMs = CONNECT_TIMEOUT_MS } = options;
    signal?.throwIfAborted();
    let socket: WebSocket | null = null;
    try {
      socket = new WebSocket(webSocketUrl, {
        perMessageDeflate: false,
        handshakeTimeout: timeoutMs,
        maxPayload: MAX_MESSAGE_BYTES,
      });
      await once(socket, 'open', signal ? { signal } : {});
      return new InspectorClient(socket, webSocketUrl);
    } catch (cause) {
      socket?.on('error', () => undefined);
      socket?.terminate();
      signal?.throwIfAborted();
      throw new CaptureError(webSocketUrl, 'connect', (cause as Error).message, {
        hint: 'is the process running, and was it started with --inspect or sent SIGUSR1?',
        cause,
      });
    }
  }

  /** Sends a command and waits for its answer. The error says what the inspector said, nothing more. */
  send(method: string, params: Record<string, unknown> = {}): Promise<unknown> {
    if (this.ended) return Promise.reject(this.ended);
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }

  /** Calls `listener` for each event of this name; one listener a name. */
  on(event: string, listener: (params: Record<string, unknown>) => void): void {
    this.listeners.set(event, listener);
  }

  /** Stops reading from the connection until `resume`: the process then waits with what it has to send. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Says goodbye; what still waits fails. */
  async close(): Promise<void> {
    const { socket } = this;
    this.end(new Error('the connection was closed'));
    if (socket.readyState === WebSocket.CLOSED) return;
    const closed = once(socket, 'close');
    socket.resume();
    socket.close();
    const impatient = setTimeout(() => socket.terminate(), 1000);
    await closed.catch(() => undefined);
    clearTimeout(impatient);
  }

  private receive(data: Buffer): void {
    const message = JSON.parse(data.toString('utf8')) as Message;
    if (message.id === undefined) {
      this.listeners.get(message.method ?? '')?.(message.params ?? {});
      return;
    }
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.error) waiting?.reject(new Error(message.error.message));
    else waiting?.resolve(message.result);
  }

  private end(error: Error): void {
    this.ended ??= error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
