import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** A name server that is silent until told to answer; it knows every name, as 127.0.0.1. */
export interface NameServer {
  /** Questions so far. */
  readonly asked: number;
  answer: () => void;
  close: () => Promise<void>;
}

const QUESTION_ENDS_AFTER = 4;
const TYPE_A = 1;

/** Listens on port 53 of a loopback address, which is for root alone; `undefined` where that is not to be had. */
export async function startNameServer(address: string): Promise<NameServer | undefined> {
  const socket = createSocket('udp4');
  let asked = 0;
  let answers = false;
  socket.on('message', (query, { port, address: from }) => {
    asked++;
    if (answers) socket.send(answerTo(query), port, from);
  });
  const bound = once(socket, 'listening').then(() => true);
  socket.bind(53, address);
  if (!(await bound.catch(() => false))) return undefined;
  return {
    get asked() {
      return asked;
    },
    answer: () => {
      answers = true;
    },
    close: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** RFC 1035 §4.1: the question again, and for an A question one record that points back at its name. */
function answerTo(query: Buffer): Buffer {
  const questionEnd = query.indexOf(0, 12) + 1 + QUESTION_ENDS_AFTER;
  const isAddress = query.readUInt16BE(questionEnd - QUESTION_ENDS_AFTER) === TYPE_A;
  const head = Buffer.from(query.subarray(0, questionEnd));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(isAddress ? 1 : 0, 6);
  head.writeUInt32BE(0, 8);
  const record = [0xc0, 12, 0, TYPE_A, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1];
  return Buffer.concat([head, Buffer.from(isAddress ? record : [])]);
}
