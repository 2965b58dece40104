import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy on the loopback whose behaviour a test changes while connections go through it. */
export interface TcpProxy {
  readonly port: number;
  /** Connections that clients hold open through it. */
  readonly open: number;
  /** Connections that clients have made so far. */
  readonly accepted: number;
  /** Everything goes through again. What was stalled arrives late; what fell into the black hole never does. */
  pass: () => Promise<void>;
  /** A black hole: bytes vanish both ways, on connections old and new, and nobody is told. */
  drop: () => void;
  /** Bytes wait, both ways. */
  stall: () => void;
  /** Connections break, new ones are refused. */
  refuse: () => Promise<void>;
  /** New connections lead to another port; the old ones vanish into nothing, as with a failover to another address. */
  leadTo: (port: number) => void;
  /** The URL with the proxy in place of its server. */
  before: (url: string) => string;
  close: () => Promise<void>;
}

type Mode = 'pass' | 'drop' | 'stall' | 'refuse';

interface Pair {
  client: Socket;
  server: Socket | undefined;
  /** Bytes of it were lost, so that it can never go on. */
  is_lost: boolean;
}

/** Starts a proxy before `target_port` of 127.0.0.1; `onSent` reads along what each client sends. */
export async function startTcpProxy(
  target_port: number,
  onSent: (bytes: Buffer, connection: number) => void = () => {},
): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let target = target_port;
  let mode: Mode = 'pass';
  let accepted = 0;

  const accept = (client: Socket): void => {
    const number = ++accepted;
    client.on('data', (bytes) => onSent(bytes, number));
    client.pause();
    const pair: Pair = { client, server: undefined, is_lost: mode === 'drop' };
    pairs.add(pair);
    client.on('error', () => {});
    // The server gives up a peer that vanished, sooner than its own keep-alive would; the client is not told.
    client.on('end', () => pair.is_lost && pair.server?.destroy());
    client.on('close', () => {
      pairs.delete(pair);
      pair.server?.destroy();
    });
    if (pair.is_lost) client.resume();
    else if (mode === 'pass') join(pair, target);
  };

  const listen = async (port: number): Promise<Server> => {
    // Half open: in a black hole a farewell is not answered either.
    const made = createServer({ allowHalfOpen: true }, accept).listen(port, '127.0.0.1');
    await once(made, 'listening');
    return made;
  };
  let listener: Server | undefined = await listen(0);
  // A TCP server's address is never a path.
  const { port } = listener.address() as AddressInfo;

  const stopListening = async (): Promise<void> => {
    const closing = listener;
    listener = undefined;
    const closed = new Promise<void>((resolve) => (closing === undefined ? resolve() : closing.close(() => resolve())));
    for (const { client } of pairs) client.destroy();
    await closed;
  };

  return {
    port,
    get open() {
      return pairs.size;
    },
    get accepted() {
      return accepted;
    },
    pass: async () => {
      mode = 'pass';
      listener ??= await listen(port);
      for (const pair of pairs) {
        if (pair.is_lost) continue;
        if (pair.server === undefined) join(pair, target);
        else for (const end of [pair.client, pair.server]) end.resume();
      }
    },
    drop: () => {
      mode = 'drop';
      for (const pair of pairs) lose(pair);
    },
    stall: () => {
      mode = 'stall';
      for (const { client, server } of pairs) for (const end of [client, server]) end?.pause();
    },
    refuse: async () => {
      mode = 'refuse';
      await stopListening();
    },
    leadTo: (other) => {
      target = other;
      for (const pair of pairs) lose(pair);
    },
    before: (url) => {
      const through = new URL(url);
      through.host = `127.0.0.1:${port}`;
      return through.href;
    },
    close: stopListening,
  };
}

function join(pair: Pair, port: number): void {
  const server = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  pair.server = server;
  server.on('error', () => {});
  server.on('close', () => {
    // A peer in the black hole does not learn that the other end is gone.
    if (!pair.is_lost) pair.client.destroy();
  });
  pipe(pair, pair.client, server);
  pipe(pair, server, pair.client);
}

function pipe(pair: Pair, from: Socket, to: Socket): void {
  from.on('data', (bytes) => pair.is_lost || to.write(bytes));
  from.on('end', () => pair.is_lost || to.end());
  from.resume();
}

function lose(pair: Pair): void {
  pair.is_lost = true;
  pair.client.resume();
  pair.server?.resume();
}
