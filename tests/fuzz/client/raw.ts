import { connect } from 'node:net';
import { type Answer, parseAnswer } from './answers.ts';

/** What came back for bytes that need not be a request at all. */
export interface RawOutcome {
  answers: Answer[];
  /** Says why the exchange did not end as it must. */
  failure?: string;
}

export interface RawOptions {
  deadline_ms: number;
  /** The bytes end in the middle of a request: the client says that nothing follows. */
  half_close: boolean;
}

/** This long after an answer another one would have come, had the bytes held another request. */
const SILENCE_MS = 40;
const CUT_OFF = 'an answer was cut off';

/** Sends bytes on a socket of its own, and reads until the server closes it or has said all. */
export function exchangeRaw(port: number, bytes: Buffer, options: RawOptions): Promise<RawOutcome> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let received: Buffer = Buffer.alloc(0);
    let silence: NodeJS.Timeout | undefined;
    const finish = (failure?: string, is_closed = false): void => {
      clearTimeout(silence);
      clearTimeout(deadline);
      socket.removeAllListeners('close').destroy();
      resolve({ ...readAll(received, is_closed), ...(failure !== undefined && { failure }) });
    };
    const { deadline_ms, half_close } = options;
    const deadline = setTimeout(() => finish(`neither answered nor closed within ${deadline_ms} ms`), deadline_ms);
    socket.on('connect', () => (half_close ? socket.end(bytes) : socket.write(bytes)));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      clearTimeout(silence);
      // A busy server may pause within an answer: only a close cuts it off.
      silence = setTimeout(() => readAll(received, false).failure !== CUT_OFF && finish(), SILENCE_MS);
    });
    // A reset is a way to close: what matters is what was said before.
    socket.on('error', () => {});
    socket.on('end', () => finish(undefined, true));
    socket.on('close', () => finish(undefined, true));
  });
}

function readAll(received: Buffer, is_closed: boolean): RawOutcome {
  const answers: Answer[] = [];
  let rest = received;
  try {
    for (;;) {
      const parsed = rest.length === 0 ? undefined : parseAnswer(rest, { is_closed });
      if (parsed === undefined) break;
      answers.push(parsed.answer);
      rest = rest.subarray(parsed.length);
    }
    return rest.length === 0 ? { answers } : { answers, failure: CUT_OFF };
  } catch (error) {
    return { answers, failure: error instanceof Error ? error.message : String(error) };
  }
}
