import { connect, type Socket } from 'node:net';
import { type Answer, parseAnswer } from './answers.ts';

/** What became of a request: its answer, or a sentence that says why there is none. */
export type Outcome = { answer: Answer } | { failure: string };

/** A keep-alive connection; it opens another socket where the server has closed the last one. */
export interface Connection {
  exchange: (bytes: Buffer, options: { to_head: boolean }) => Promise<Outcome>;
  close: () => void;
}

interface Waiting {
  to_head: boolean;
  done: (outcome: Outcome) => void;
}

/** One request at a time on a socket that is kept; no answer within `deadline_ms` is a failure. */
export function openConnection(port: number, deadline_ms: number): Connection {
  let socket: Socket | undefined;
  let received: Buffer = Buffer.alloc(0);
  let waiting: Waiting | undefined;

  const settle = (outcome: Outcome): void => {
    const { done } = waiting ?? {};
    waiting = undefined;
    done?.(outcome);
  };
  const drop = (failure: string): void => {
    socket?.removeAllListeners('close').destroy();
    socket = undefined;
    settle({ failure });
  };
  const read = (chunk: Buffer): void => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    if (waiting === undefined) {
      drop('bytes that nobody asked for');
      return;
    }
    try {
      const parsed = parseAnswer(received, waiting);
      if (parsed === undefined) return;
      received = received.subarray(parsed.length);
      const isLast = parsed.answer.headers.connection === 'close';
      // A head that could not be parsed is answered with a body, HEAD or not: its method was never read.
      if (received.length > 0 && !(isLast && waiting.to_head))
        throw new Error('more bytes after the answer than it has');
      if (isLast) forget();
      settle({ answer: parsed.answer });
    } catch (error) {
      drop(error instanceof Error ? error.message : String(error));
    }
  };
  const forget = (): void => {
    socket?.removeAllListeners('close').end();
    socket = undefined;
  };
  const open = (): Socket => {
    received = Buffer.alloc(0);
    const opened = connect(port, '127.0.0.1').setNoDelay(true);
    opened.on('data', (chunk: Buffer) => opened === socket && read(chunk));
    // What it means is said by `close`, which always follows.
    opened.on('error', () => {});
    opened.on('close', () => {
      if (opened === socket) drop('the connection was closed without an answer');
    });
    return opened;
  };

  return {
    exchange: (bytes, { to_head }) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => drop(`no answer within ${deadline_ms} ms`), deadline_ms);
        waiting = {
          to_head,
          done: (outcome) => {
            clearTimeout(timer);
            resolve(outcome);
          },
        };
        socket ??= open();
        socket.write(bytes);
      }),
    close: () => drop('the connection was closed by the client'),
  };
}
