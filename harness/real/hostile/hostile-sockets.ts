/** HostileSockets: makes the connections of acts, and holds them until `release`. */
import net from 'node:net';
import tls from 'node:tls';
import type { Prng } from '../../random/prng.ts';
import type { Act } from './acts.ts';
import { ACK, FRAME, FRAME_HEAD_BYTES, frame } from './http2-frames.ts';

export interface ServerPorts {
  readonly host: string;
  readonly grpc: number;
  readonly health: number;
  /** Of a server with TLS: whom its clients trust. */
  readonly authority?: string;
}

export class HostileSockets {
  readonly #ports: ServerPorts;
  readonly #random: Prng;
  readonly #open = new Set<net.Socket>();
  made = 0;

  constructor(ports: ServerPorts, random: Prng) {
    this.#ports = ports;
    this.#random = random;
  }

  /** Connections that nobody has closed yet. */
  get open(): number {
    return this.#open.size;
  }

  /** Resolves when each connection was made, or refused, and its bytes were handed to the system. */
  async perform(act: Act): Promise<void> {
    const random = this.#random.derive(act.name);
    const made = Array.from({ length: act.connections }, (_, i) =>
      this.#connect(act, act.bytes(i, random)),
    );
    await Promise.all(made);
  }

  release(): void {
    for (const socket of this.#open) socket.destroy();
    this.#open.clear();
  }

  #dial(act: Act): { readonly socket: net.Socket; readonly ready: 'connect' | 'secureConnect' } {
    const { host, authority } = this.#ports;
    const port = this.#ports[act.port];
    if (authority === undefined || act.isPlain === true || act.port === 'health') {
      return { socket: net.connect(port, host), ready: 'connect' };
    }
    const socket = tls.connect({ host, port, ca: authority, ALPNProtocols: ['h2'] });
    return { socket, ready: 'secureConnect' };
  }

  #connect(act: Act, pieces: readonly (string | Buffer)[]): Promise<void> {
    const { socket, ready } = this.#dial(act);
    this.made++;
    this.#open.add(socket);
    socket.setNoDelay();
    socket.on('error', () => undefined); // it may be closed while it is written to
    if (act.reads === true) answerPings(socket, act.port);
    return new Promise((resolve) => {
      socket.on('close', () => {
        this.#open.delete(socket);
        resolve();
      });
      socket.on(ready, () => {
        for (const piece of pieces) socket.write(piece);
        resolve();
      });
    });
  }
}

/** Reads all that comes, and answers pings, so that the server does not take the client for dead. */
function answerPings(socket: net.Socket, port: Act['port']): void {
  if (port !== 'grpc') return void socket.resume();
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (data: Buffer) => {
    rest = Buffer.concat([rest, data]);
    for (;;) {
      const whole = FRAME_HEAD_BYTES + (rest.length < 3 ? 0 : rest.readUIntBE(0, 3));
      if (rest.length < whole) return;
      const isAsked = rest[3] === FRAME.ping && rest[4] === 0;
      const payload = Buffer.from(rest.subarray(FRAME_HEAD_BYTES, whole));
      if (isAsked) socket.write(frame(FRAME.ping, { flags: ACK, payload }));
      rest = rest.subarray(whole);
    }
  });
}
