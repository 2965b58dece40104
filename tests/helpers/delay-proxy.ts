import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy on the loopback behind which a server is far away. */
export interface DelayProxy {
  readonly port: number;
  /** The URL with the proxy in place of its server. */
  before: (url: string) => string;
  /** How often what was sent since the last call had to wait for an answer: bytes sent before an answer arrives travel together. */
  takeCrossings: () => number;
  close: () => Promise<void>;
}

/** Starts a proxy before `target_port` of 127.0.0.1 that passes every byte on after half of `round_trip_ms`, both ways. */
export async function startDelayProxy(target_port: number, round_trip_ms: number): Promise<DelayProxy> {
  const sockets = new Set<Socket>();
  let answered = 0;
  const server = createServer((client) => {
    const upstream = connect({ port: target_port, host: '127.0.0.1', noDelay: true });
    client.setNoDelay(true);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    let sent = 0;
    client.on('data', () => {
      sent = answered + 1;
    });
    const onArrival = (): void => {
      answered = Math.max(answered, sent);
    };
    delay(client, upstream, { ms: round_trip_ms / 2 });
    delay(upstream, client, { ms: round_trip_ms / 2, onArrival });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a path.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    before: (url) => {
      const through = new URL(url);
      through.host = `127.0.0.1:${port}`;
      return through.href;
    },
    takeCrossings: () => {
      const crossings = answered;
      answered = 0;
      return crossings;
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

interface Way {
  ms: number;
  onArrival?: () => void;
}

function delay(from: Socket, to: Socket, { ms, onArrival = () => {} }: Way): void {
  const arrive = (bytes: Buffer): void => {
    onArrival();
    to.write(bytes);
  };
  // Timers of one length run in the order of their making, so bytes keep their order.
  from.on('data', (bytes) => void setTimeout(arrive, ms, bytes));
  from.on('end', () => void setTimeout(() => to.end(), ms));
}
