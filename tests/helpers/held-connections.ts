import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Whom connections are held against, and how many. */
export interface Holding {
  port: number;
  connections: number;
  /** Another network than that of everybody else. */
  from?: string;
}

/** Connections that take and give nothing back. */
export interface Held {
  /** The client gives them all up. */
  end: () => void;
}

const DRIP_EVERY_MS = 200;
const NETWORK = '127.9.0.2';
const PIPELINED = 300;

/** The ways to hold connections, in the words of a test's title. */
export const HOLDS: Readonly<Record<string, (holding: Holding) => Promise<Held>>> = {
  'pipelines that nobody reads': async (holding) => {
    const { sockets, held } = await openAll(holding);
    // A page of some length each time, so that the answers fill what the two kernels hold.
    for (const socket of sockets)
      socket.pause().write('GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(PIPELINED));
    return held;
  },
  'bodies that stop in the middle': async (holding) => {
    const { sockets, held } = await openAll(holding);
    const head =
      'POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n';
    for (const socket of sockets) socket.write(`${head}{"email":"half@example.com","password":"`);
    return held;
  },
  'heads that come letter by letter': async (holding) => {
    const { sockets, held } = await openAll(holding);
    for (const socket of sockets) socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    const drip = setInterval(() => {
      for (const socket of sockets) if (!socket.destroyed) socket.write('x');
    }, DRIP_EVERY_MS);
    return {
      end: () => {
        clearInterval(drip);
        held.end();
      },
    };
  },
};

async function openAll({ port, connections, from = NETWORK }: Holding): Promise<{ sockets: Socket[]; held: Held }> {
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ port, host: '127.0.0.1', localAddress: from });
      socket.on('error', () => {});
      await Promise.race([once(socket, 'connect'), new Promise((resolve) => socket.once('close', resolve))]);
      return socket;
    }),
  );
  return {
    sockets,
    held: {
      end: () => {
        for (const socket of sockets) socket.destroy();
      },
    },
  };
}
